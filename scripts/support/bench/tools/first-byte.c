// How long a program takes to be of use: starts commands in turns, A B C A B C …, and says for each
// run the milliseconds until what was waited for.
//
// usage: first-byte RUNS PORT -- WHAT COMMAND… -- WHAT COMMAND… …
//   byte: until the first byte on its standard output (a pipe)
//   exit: until it has ended
//   pass: until it has passed a descriptor over the Unix socket that is its input and output, and
//         has ended, as ssh with ProxyUseFdpass waits for it
// A server on 127.0.0.1:PORT greets whoever connects. Prints a JSON array of numbers a command.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;
enum { MOST_COMMANDS = 32, TIMEOUT_MS = 20000 };
static int nowhere;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

// One connection at a time: greeted, and held until the other side is gone.
static void greet(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
  int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) fail("bind");
  if (listen(listener, 64) != 0) fail("listen");
  pid_t parent = getpid(), child = fork();
  if (child < 0) fail("fork");
  if (child > 0) {
    close(listener);
    return;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);
  for (;;) {
    char buffer[4096];
    int caller = accept(listener, NULL, NULL);
    if (caller < 0) continue;
    if (write(caller, "SSH-2.0-bench\r\n", 15) == 15)
      while (read(caller, buffer, sizeof buffer) > 0) continue;
    close(caller);
  }
}

static pid_t start(char **command, int input, int output) {
  posix_spawn_file_actions_t actions;
  pid_t child;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, 0);
  posix_spawn_file_actions_adddup2(&actions, output, 1);
  posix_spawn_file_actions_adddup2(&actions, nowhere, 2);
  int error = posix_spawnp(&child, command[0], &actions, NULL, command, environ);
  if (error != 0) {
    errno = error;
    fail(command[0]);
  }
  posix_spawn_file_actions_destroy(&actions);
  return child;
}

static void await(int descriptor) {
  struct pollfd item = {.fd = descriptor, .events = POLLIN};
  if (poll(&item, 1, TIMEOUT_MS) != 1) {
    fputs("first-byte: nothing comes\n", stderr);
    exit(1);
  }
}

static void finish(pid_t child, int must_succeed, char **command) {
  int status;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (must_succeed && status != 0) {
    fprintf(stderr, "first-byte: %s ended with %d\n", command[0], status);
    exit(1);
  }
}

static double byte(char **command) {
  int input[2], output[2];
  char first;
  if (pipe2(input, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC) != 0) fail("pipe");
  double begin = now();
  pid_t child = start(command, input[0], output[1]);
  close(output[1]);
  await(output[0]);
  double end = now();
  if (read(output[0], &first, 1) != 1) {
    fprintf(stderr, "first-byte: %s said nothing\n", command[0]);
    exit(1);
  }
  kill(child, SIGKILL);
  finish(child, 0, command);
  close(input[0]);
  close(input[1]);
  close(output[0]);
  return end - begin;
}

static double until_exit(char **command) {
  double begin = now();
  pid_t child = start(command, nowhere, nowhere);
  finish(child, 1, command);
  return now() - begin;
}

static double pass(char **command) {
  int ends[2], passed;
  char space[CMSG_SPACE(sizeof(int))], mark;
  struct iovec vector = {.iov_base = &mark, .iov_len = 1};
  struct msghdr message = {.msg_iov = &vector,
                           .msg_iovlen = 1,
                           .msg_control = space,
                           .msg_controllen = sizeof space};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) fail("socketpair");
  double begin = now();
  pid_t child = start(command, ends[1], ends[1]);
  close(ends[1]);
  await(ends[0]);
  if (recvmsg(ends[0], &message, 0) != 1 || !CMSG_FIRSTHDR(&message)) {
    fprintf(stderr, "first-byte: %s passed nothing\n", command[0]);
    exit(1);
  }
  memcpy(&passed, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof passed);
  finish(child, 1, command);
  double end = now();
  close(passed);
  close(ends[0]);
  return end - begin;
}

int main(int count, char **words) {
  char **commands[MOST_COMMANDS];
  int many = 0;
  if (count < 5) return 64;
  for (int index = 3; index < count; index++) {
    if (strcmp(words[index], "--") != 0) continue;
    words[index] = NULL;
    if (many == MOST_COMMANDS || index + 2 >= count) return 64;
    commands[many++] = words + index + 1;
  }
  int runs = atoi(words[1]);
  signal(SIGPIPE, SIG_IGN);
  alarm(300);
  nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  greet(atoi(words[2]));
  double *results = calloc((size_t)(runs * many), sizeof *results);
  if (!results) fail("calloc");
  // The first round only warms the caches.
  for (int run = -1; run < runs; run++) {
    for (int turn = 0; turn < many; turn++) {
      char **command = commands[turn];
      double (*measure)(char **) = strcmp(command[0], "byte") == 0   ? byte
                                   : strcmp(command[0], "pass") == 0 ? pass
                                                                     : until_exit;
      double time = measure(command + 1);
      if (run >= 0) results[turn * runs + run] = time;
    }
  }
  putchar('[');
  for (int turn = 0; turn < many; turn++) {
    fputs(turn ? "],\n[" : "[", stdout);
    for (int run = 0; run < runs; run++)
      printf(run ? ",%.4f" : "%.4f", results[turn * runs + run]);
  }
  puts("]]");
  return 0;
}
