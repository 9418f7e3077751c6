#define _GNU_SOURCE
#include "CSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#ifdef __linux__
#include <sys/xattr.h>
#endif
#include <unistd.h>
#ifdef __APPLE__
#include <malloc/malloc.h>
#else
#include <malloc.h>
#endif
#ifdef CSYSTEM_LINUX
#include <link.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#endif

extern char **environ;

int csystem_is_socket(mode_t mode) { return S_ISSOCK(mode); }
int csystem_is_pipe(mode_t mode) { return S_ISFIFO(mode); }
int csystem_is_regular(mode_t mode) { return S_ISREG(mode); }
int csystem_is_directory(mode_t mode) { return S_ISDIR(mode); }
int csystem_is_link(mode_t mode) { return S_ISLNK(mode); }

int csystem_has_access_list(const char *path) {
#ifdef __linux__
  return getxattr(path, "system.posix_acl_access", NULL, 0) > 0;
#else
  (void)path;
  return 0;
#endif
}

int csystem_columns(int descriptor) {
  struct winsize size;
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

size_t csystem_usable_size(void *block) {
#ifdef __APPLE__
  return malloc_size(block);
#else
  return malloc_usable_size(block);
#endif
}

int csystem_is_unix_socket(int descriptor) {
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  return getsockname(descriptor, (struct sockaddr *)&address, &length) == 0 &&
         address.ss_family == AF_UNIX;
}

int csystem_exit_status(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int csystem_is_ignored(int signal) {
  struct sigaction action;
  return sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

char **csystem_environment(void) { return environ; }

#ifndef __linux__
static int close_on_exec(int descriptor) {
  if (descriptor >= 0) fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  return descriptor;
}
#endif

int csystem_pipe(int ends[2]) {
#ifdef __linux__
  return pipe2(ends, O_CLOEXEC);
#else
  if (pipe(ends) != 0) return -1;
  return close_on_exec(ends[0]), close_on_exec(ends[1]), 0;
#endif
}

int csystem_socket_pair(int ends[2]) {
#ifdef __linux__
  return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
#else
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return -1;
  return close_on_exec(ends[0]), close_on_exec(ends[1]), 0;
#endif
}

int csystem_socket(int family, int kind) {
#ifdef __linux__
  return socket(family, kind | SOCK_CLOEXEC, 0);
#else
  return close_on_exec(socket(family, kind, 0));
#endif
}

int csystem_accept(int listener) {
#ifdef __linux__
  return accept4(listener, NULL, NULL, SOCK_CLOEXEC);
#else
  return close_on_exec(accept(listener, NULL, NULL));
#endif
}

int csystem_send_descriptor(int channel, int descriptor) {
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

int csystem_add_close_from(void *actions, int first) {
#if defined(CSYSTEM_LINUX) && defined(__GLIBC__)
#if __GLIBC_PREREQ(2, 34)
  return posix_spawn_file_actions_addclosefrom_np(actions, first);
#endif
#endif
  (void)actions;
  (void)first;
  return 0;
}

void csystem_forbid_dumps(void) {
#ifdef CSYSTEM_LINUX
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

void csystem_wipe(void *bytes, size_t count) {
  memset(bytes, 0, count);
  // The compiler must believe that somebody reads the memory afterwards.
  __asm__ __volatile__("" : : "r"(bytes) : "memory");
}

#ifdef CSYSTEM_LINUX
ssize_t csystem_splice(int source, int sink, size_t length) {
  return splice(source, NULL, sink, NULL, length, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
}

int csystem_set_pipe_size(int descriptor, int bytes) {
  return fcntl(descriptor, F_SETPIPE_SZ, bytes);
}

// glibc has functions for these two from 2.36 on alone.
int csystem_process_descriptor(pid_t process) {
#ifdef SYS_pidfd_open
  return (int)syscall(SYS_pidfd_open, process, 0);
#else
  (void)process;
  errno = ENOSYS;
  return -1;
#endif
}

int csystem_signal_process(int descriptor, int signal) {
#ifdef SYS_pidfd_send_signal
  return (int)syscall(SYS_pidfd_send_signal, descriptor, signal, NULL, 0);
#else
  (void)descriptor, (void)signal;
  errno = ENOSYS;
  return -1;
#endif
}

int csystem_limit_memory(size_t bytes) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_DATA, &limit) != 0) return -1;
  if (limit.rlim_cur <= bytes) return 0;
  limit.rlim_cur = bytes;
  return setrlimit(RLIMIT_DATA, &limit);
}

// The loader writes only to segments that the file marks as writable (DT_TEXTREL is history), so
// the others are as they are in the file.
static int release_segments(struct dl_phdr_info *object, size_t size, void *unused) {
  (void)size, (void)unused;
  const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  for (int index = 0; index < object->dlpi_phnum; index++) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[index];
    if (segment->p_type != PT_LOAD || segment->p_flags & PF_W) continue;
    const uintptr_t start = (object->dlpi_addr + segment->p_vaddr) & ~(page - 1);
    const uintptr_t end = object->dlpi_addr + segment->p_vaddr + segment->p_filesz;
    madvise((void *)start, end - start, MADV_DONTNEED);
  }
  return 0;
}

void csystem_release_code(void) {
  dl_iterate_phdr(release_segments, NULL);
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}
#endif
