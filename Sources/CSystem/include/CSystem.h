// What Swift cannot import from the C library: the calls that want _GNU_SOURCE, and macros.
#pragma once

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static inline int csystem_is_socket(mode_t mode) { return S_ISSOCK(mode); }
static inline int csystem_is_pipe(mode_t mode) { return S_ISFIFO(mode); }
static inline int csystem_is_regular(mode_t mode) { return S_ISREG(mode); }
static inline int csystem_is_directory(mode_t mode) { return S_ISDIR(mode); }
static inline int csystem_is_link(mode_t mode) { return S_ISLNK(mode); }

/// The exit status of a waited-for child; 128 + n for a signal, as a shell says it.
static inline int csystem_exit_status(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// Sends one NUL byte with a descriptor beside it (SCM_RIGHTS, unix(7)). 0 or -1 with errno.
static inline int csystem_send_descriptor(int channel, int descriptor) {
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
  } control;
  char byte = 0;
  struct iovec vector = {.iov_base = &byte, .iov_len = 1};
  struct msghdr message;
  struct cmsghdr *header;
  memset(&message, 0, sizeof message);
  memset(&control, 0, sizeof control);
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = control.space;
  message.msg_controllen = sizeof control.space;
  header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
  return sendmsg(channel, &message, 0) == 1 ? 0 : -1;
}

#ifdef __linux__
/// splice(2) that never waits for a pipe, whatever flags its descriptor has.
static inline ssize_t csystem_splice(int source, int sink, size_t length) {
  return splice(source, NULL, sink, NULL, length, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
}

/// Asks for a larger pipe; the kernel may refuse (pipe-user-pages-soft), which costs only speed.
static inline int csystem_set_pipe_size(int descriptor, int bytes) {
  return fcntl(descriptor, F_SETPIPE_SZ, bytes);
}
#endif

static inline int csystem_is_unix_socket(int descriptor) {
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  return getsockname(descriptor, (struct sockaddr *)&address, &length) == 0 &&
         address.ss_family == AF_UNIX;
}

/// `environ`, which two of Swift's modules name, so that neither can be meant.
static inline char **csystem_environment(void) {
  extern char **environ;
  return environ;
}
