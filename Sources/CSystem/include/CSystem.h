// What Swift cannot import from the C library: the calls that want _GNU_SOURCE, and macros. The
// header itself defines no feature macro, so that it agrees with every other C module.
#pragma once

#include <sys/types.h>

/// What is Linux's alone. A portable build leaves it aside there too (Package.swift, SSHPROXY_PORTABLE).
#if defined(__linux__) && !defined(PORTABLE)
#define CSYSTEM_LINUX 1
#endif

int csystem_is_socket(mode_t mode);
int csystem_is_pipe(mode_t mode);
int csystem_is_regular(mode_t mode);
int csystem_is_directory(mode_t mode);
int csystem_is_link(mode_t mode);

/// Whether a file has an access control list (acl(5)), by which further users may do what the group's bits
/// say. 0 where the system has none, or tells of none.
int csystem_has_access_list(const char *path);

/// The columns of the terminal that a descriptor is (ioctl_tty(2), TIOCGWINSZ); 0 where it is none, or
/// does not know.
int csystem_columns(int descriptor);

/// Whether a descriptor is a Unix socket.
int csystem_is_unix_socket(int descriptor);

/// The exit status of a waited-for child; 128 + n for a signal, as a shell says it.
int csystem_exit_status(int status);

/// Whether a signal is ignored (sigaction(2)), as a program may be started.
int csystem_is_ignored(int signal);

/// `environ`: Swift sees it in two modules and calls it ambiguous.
char **csystem_environment(void);

// Close-on-exec from birth where the system knows that: between two calls another thread may start a
// program. All return -1 with errno on failure.

/// pipe(2).
int csystem_pipe(int ends[2]);
/// socketpair(2) of Unix stream sockets.
int csystem_socket_pair(int ends[2]);
/// socket(2).
int csystem_socket(int family, int kind);
/// accept(2), of whoever comes.
int csystem_accept(int listener);

/// Sends one NUL byte with a descriptor beside it (SCM_RIGHTS, unix(7)). 0, or -1 with errno.
int csystem_send_descriptor(int channel, int descriptor);

/// Has a child that is about to be started close every descriptor from `first` on, where the C
/// library knows how (glibc 2.34); elsewhere close-on-exec has to do.
/// `actions` is a posix_spawn_file_actions_t.
int csystem_add_close_from(void *actions, int first);

/// What malloc(3) has given for a block, in bytes: at least what was asked for (malloc_usable_size(3)).
size_t csystem_usable_size(void *block);

/// Overwrites memory in a way that no optimizer removes.
void csystem_wipe(void *bytes, size_t count);

/// Makes this process undumpable (prctl(2), PR_SET_DUMPABLE), where the system knows that: no core file,
/// and no other process of the user can read its memory. A program that it starts is not.
void csystem_forbid_dumps(void);

/// What the kernel took of a process that confines itself (below), as a sum.
enum {
  CSYSTEM_CALLS_FILTERED = 1,
  CSYSTEM_FILES_FENCED = 2,
  CSYSTEM_NETWORK_FENCED = 4,
};

#ifdef CSYSTEM_LINUX
/// A descriptor of a process (pidfd_open(2)), which means that process even when its number is used
/// again; close-on-exec. -1 with errno, ENOSYS before Linux 5.3.
int csystem_process_descriptor(pid_t process);

/// Sends a signal to the process of such a descriptor (pidfd_send_signal(2)). 0, or -1 with errno.
int csystem_signal_process(int descriptor, int signal);

/// Bounds the memory that this process and its children may still write to (RLIMIT_DATA), in bytes.
/// 0, or -1 with errno.
int csystem_limit_memory(size_t bytes);

/// Gives the pages that hold code and constants, of the program and its libraries, back to the
/// kernel (madvise(2), MADV_DONTNEED), and freed memory with them.
void csystem_release_code(void);

/// splice(2) that never waits for a pipe, whatever flags its descriptor has.
ssize_t csystem_splice(int source, int sink, size_t length);

/// Asks for a larger pipe; the kernel may refuse (pipe-user-pages-soft), which costs only speed.
int csystem_set_pipe_size(int descriptor, int bytes);

// Confinement: what a process gives up for the rest of its life. Nothing here fails loudly: where the
// kernel has less, less is given up.

/// The system calls that a process keeps.
enum {
  /// What moving bytes between open descriptors takes.
  CSYSTEM_STREAMING,
  /// All but running another program and reaching into one.
  CSYSTEM_NO_PROGRAMS,
};

/// The kernel's Landlock version; 0 where it has none, or it is off. Public for tests: what a fence keeps out
/// depends on it.
int csystem_landlock_version(void);

/// A new fence, within which nothing is allowed: no file, no TCP.
/// Returns its descriptor, or -1 where there is no Landlock.
int csystem_fence_begin(int fences_network);

/// Allows to read a file, or what is below a directory, and to write it. A path that does not exist
/// is skipped.
void csystem_fence_allow(int fence, const char *path, int may_write);

/// Allows to read the directories of the libraries that are loaded, of which a library may load others
/// later; not one that holds `home`.
void csystem_fence_allow_libraries(int fence, const char *home);

/// Allows TCP connections to a port.
void csystem_fence_allow_port(int fence, int port);

/// Shuts this thread in for good, and every thread and program that it starts; and closes `fence`.
/// Returns what the kernel took.
int csystem_fence_close(int fence);

/// Denies this process all other calls, with EPERM. Returns what the kernel took.
int csystem_filter_calls(int calls);

/// What the kernel would take of a fence and these calls, tried in a child.
int csystem_confinement_within_reach(int calls);
#endif
