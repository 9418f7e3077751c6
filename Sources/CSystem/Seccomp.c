// seccomp(2) filters, written out as BPF (bpf(4)): the lists are short, and the hot program links
// nothing but the C library.
#define _GNU_SOURCE
#include "CSystem.h"

#ifdef CSYSTEM_LINUX
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifdef ARCHITECTURE
// A denied call fails with EPERM, and nothing is killed. Another C library, or a later one, may make
// a harmless call that is not listed here (an fstat, a clock where the vDSO has none): its failure is
// survived, and a connection of many hours is not lost for it.
#define DENY (SECCOMP_RET_ERRNO | EPERM)
#define LOAD(field)                                                                              \
  BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, value)
#define ALLOW(name)                                                                              \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 1), RETURN(SECCOMP_RET_ALLOW)
#define REFUSE(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 1), RETURN(DENY)
// A call without this flag. Of an argument, the low half is looked at: the kernel looks at no more.
#define ALLOW_WITHOUT(name, argument, flag)                                                      \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 4), LOAD(argument),                        \
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, flag, 0, 1), RETURN(DENY),                            \
      RETURN(SECCOMP_RET_ALLOW)
// Memory, but none that could be run.
#define ALLOW_NOT_EXECUTABLE(name) ALLOW_WITHOUT(name, args[2], PROT_EXEC)
// A call whose argument is neither of two values.
#define ALLOW_BUT(name, argument, one, other)                                                    \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 5), LOAD(argument),                        \
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, one, 1, 0),                                            \
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, other, 0, 1), RETURN(DENY),                            \
      RETURN(SECCOMP_RET_ALLOW)
#define IF(value, then, otherwise)                                                               \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, then, otherwise)
// TCP, UDP, and what asks the kernel and services of this computer for names: no socket that connects past
// Landlock's rules for TCP (MPTCP, SMC, SCTP), and none of the kinds that only root may make.
#define ALLOW_PLAIN_SOCKETS                                                                      \
  IF(__NR_socket, 0, 15), LOAD(args[2]), IF(0, 2, 0), IF(IPPROTO_TCP, 1, 0),                     \
      IF(IPPROTO_UDP, 0, 9), LOAD(args[0]), IF(AF_UNIX, 8, 0), IF(AF_NETLINK, 7, 0),             \
      IF(AF_INET, 1, 0), IF(AF_INET6, 0, 4), LOAD(args[1]),                                      \
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf), IF(SOCK_STREAM, 2, 0), IF(SOCK_DGRAM, 1, 0),     \
      RETURN(DENY), RETURN(SECCOMP_RET_ALLOW)

// Another architecture's calls have other numbers; no library of ours makes any, an exploit may.
#define OWN_CALLS_ALONE                                                                          \
  LOAD(arch), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),                           \
      RETURN(SECCOMP_RET_KILL_PROCESS), LOAD(nr)
#define X32_BIT 0x40000000

// What moves bytes, most frequent first.
static struct sock_filter streaming[] = {
    OWN_CALLS_ALONE,
    ALLOW(splice),    // the relay, between a pipe and a socket
    ALLOW(recvfrom),  // from the server, and looking for a byte
#ifdef __NR_poll
    ALLOW(poll),  // the one wait
#endif
    ALLOW(ppoll),     // the same where there is no poll
    ALLOW(read),      // from ssh
    ALLOW(sendto),    // to the server
    ALLOW(write),     // to ssh; and what is said at the end
    ALLOW(writev),    // the C library's own last words
    ALLOW(shutdown),  // half-closing
    ALLOW(close),     // the end
    // the size and the flags of pipes, and nothing that has others signalled
    ALLOW_BUT(fcntl, args[1], F_SETOWN, F_SETOWN_EX),

    ALLOW_NOT_EXECUTABLE(mmap),      // malloc
    ALLOW_NOT_EXECUTABLE(mprotect),  // malloc, in a thread's arena
    ALLOW(munmap),                   // malloc
    ALLOW(mremap),                   // malloc, for what grows
    ALLOW(brk),                      // malloc
    ALLOW(madvise),                  // what the start has used is given back
    ALLOW(futex),                    // locks, of Swift's runtime and of OpenSSL
    ALLOW(getrandom),                // padding and new keys in SSH; Swift's hash seed
    ALLOW(getpid),                   // OpenSSL, beside its random numbers
    ALLOW(gettid),                   // OpenSSL, when it is tidied up
    ALLOW(clock_gettime),            // where the vDSO has no clock
    ALLOW(gettimeofday),             // libssh2's clock, likewise

    ALLOW(restart_syscall),  // after SIGSTOP and SIGCONT
    ALLOW(rt_sigreturn),     // the end of a signal's handler
    ALLOW(rt_sigprocmask),   // the C library's exit and abort
    ALLOW(exit_group),       // the end
    ALLOW(exit),             // a thread's end
    RETURN(DENY),
};

#ifndef __NR_io_uring_setup
#define __NR_io_uring_setup 425
#endif
#ifndef __NR_pidfd_getfd
#define __NR_pidfd_getfd 438
#endif
#ifndef __NR_fchmodat2
#define __NR_fchmodat2 452
#endif
#ifndef __NR_setxattrat
#define __NR_setxattrat 463
#define __NR_removexattrat 466
#endif
#ifndef __NR_file_setattr
#define __NR_file_setattr 469
#endif

// All but what starts other programs, reaches into them, types for the user, connects to where Landlock
// would not let connect(2), or changes who may read and write files that Landlock does not let us open.
static struct sock_filter no_programs[] = {
    OWN_CALLS_ALONE,
#ifdef __x86_64__
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1), RETURN(DENY),
#endif
    REFUSE(execve),
    REFUSE(execveat),
    REFUSE(ptrace),
    REFUSE(process_vm_readv),
    REFUSE(process_vm_writev),
    REFUSE(pidfd_getfd),
    REFUSE(io_uring_setup),  // makes calls that no filter sees
    REFUSE(listen),
    // By a path, of which Landlock knows nothing: with these a taken-over process lets other users at the
    // user's files. On an open file they stay.
#ifdef __NR_chmod
    REFUSE(chmod),
    REFUSE(chown),
    REFUSE(lchown),
#endif
    REFUSE(fchmodat),
    REFUSE(fchmodat2),
    REFUSE(fchownat),
    REFUSE(setxattr),  // access control lists
    REFUSE(lsetxattr),
    REFUSE(fsetxattr),
    REFUSE(setxattrat),
    REFUSE(removexattr),
    REFUSE(lremovexattr),
    REFUSE(fremovexattr),
    REFUSE(removexattrat),
    REFUSE(file_setattr),
    REFUSE(truncate),  // Landlock knows it from version 3 on
    // The keys that the kernel holds for the user.
    REFUSE(keyctl),
    REFUSE(add_key),
    REFUSE(request_key),
    // Memory, queues and semaphores that other programs of the user's share (sysvipc(7)): they are no files.
    REFUSE(shmget),
    REFUSE(shmat),
    REFUSE(shmctl),
    REFUSE(msgget),
    REFUSE(msgsnd),
    REFUSE(msgrcv),
    REFUSE(msgctl),
    REFUSE(semget),
    REFUSE(semop),
    REFUSE(semtimedop),
    REFUSE(semctl),
    ALLOW_BUT(ioctl, args[1], TIOCSTI, TIOCLINUX),  // into the shell behind the terminal
    // MSG_FASTOPEN connects, and Landlock does not look at it.
    ALLOW_WITHOUT(sendto, args[3], MSG_FASTOPEN),
    ALLOW_WITHOUT(sendmsg, args[2], MSG_FASTOPEN),
    ALLOW_WITHOUT(sendmmsg, args[3], MSG_FASTOPEN),
    ALLOW_PLAIN_SOCKETS,
    RETURN(SECCOMP_RET_ALLOW),
};

static int install(struct sock_filter *instructions, size_t count) {
  const struct sock_fprog program = {.len = (unsigned short)count, .filter = instructions};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 0;
  // For all threads; and without the slow branches that older kernels switch on with a filter.
  if (syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER,
              SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program) == 0)
    return CSYSTEM_CALLS_FILTERED;
  // Linux before 4.17 does not know the second flag.
  return syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0
             ? CSYSTEM_CALLS_FILTERED
             : 0;
}

int csystem_filter_calls(int calls) {
  if (calls == CSYSTEM_STREAMING)
    return install(streaming, sizeof streaming / sizeof streaming[0]);
  return install(no_programs, sizeof no_programs / sizeof no_programs[0]);
}
#else
int csystem_filter_calls(int calls) { return (void)calls, 0; }
#endif

int csystem_confinement_within_reach(int calls) {
  const pid_t child = fork();
  if (child == 0) {
    const int fence = csystem_fence_begin(1);
    const int fenced = fence >= 0 ? csystem_fence_close(fence) : 0;
    _exit(fenced | csystem_filter_calls(calls));
  }
  int status = 0;
  pid_t ended;
  do {
    ended = waitpid(child, &status, 0);
  } while (ended < 0 && errno == EINTR);
  return child > 0 && ended == child && WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}
#endif
