// What Swift cannot import from the C library: the calls that want _GNU_SOURCE, and macros. The
// header itself defines no feature macro, so that it agrees with every other C module.
#pragma once

#include <sys/types.h>

int csystem_is_socket(mode_t mode);
int csystem_is_pipe(mode_t mode);
int csystem_is_regular(mode_t mode);
int csystem_is_directory(mode_t mode);
int csystem_is_link(mode_t mode);

/// Whether a descriptor is a Unix socket.
int csystem_is_unix_socket(int descriptor);

/// The exit status of a waited-for child; 128 + n for a signal, as a shell says it.
int csystem_exit_status(int status);

/// `environ`, which two of Swift's modules name, so that neither can be meant.
char **csystem_environment(void);

/// Sends one NUL byte with a descriptor beside it (SCM_RIGHTS, unix(7)). 0, or -1 with errno.
int csystem_send_descriptor(int channel, int descriptor);

/// Has a child that is about to be started close every descriptor from `first` on, where the C
/// library knows how (glibc 2.34); elsewhere close-on-exec has to do.
/// `actions` is a posix_spawn_file_actions_t.
int csystem_add_close_from(void *actions, int first);

/// Overwrites memory in a way that no optimizer removes.
void csystem_wipe(void *bytes, size_t count);

/// Makes this process undumpable (prctl(2), PR_SET_DUMPABLE), where the system knows that: no core file,
/// and no other process of the user can read its memory. A program that it starts is not.
void csystem_forbid_dumps(void);

#ifdef __linux__
/// Gives the pages that hold code and constants, of the program and its libraries, back to the
/// kernel (madvise(2), MADV_DONTNEED), and freed memory with them.
void csystem_release_code(void);

/// splice(2) that never waits for a pipe, whatever flags its descriptor has.
ssize_t csystem_splice(int source, int sink, size_t length);

/// Asks for a larger pipe; the kernel may refuse (pipe-user-pages-soft), which costs only speed.
int csystem_set_pipe_size(int descriptor, int bytes);
#endif
