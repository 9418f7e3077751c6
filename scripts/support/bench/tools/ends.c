// Both ends of a relay: runs COMMAND between a TCP server of its own and two pipes, moves BYTES
// through it one way and says what that cost the command's process.
//
// usage: ends down|up PORT BYTES COMMAND…
//   down: from the socket to the command's standard output; up: from its standard input.
// Prints one line of JSON: wall, user and system seconds; KiB resident at the peak, and
// resident and private dirty at the end, while the command still stands connected.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char greeting[] = "SSH-2.0-bench\r\n";
static char block[256 * 1024];

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int listening(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
  int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) fail("bind");
  if (listen(listener, 8) != 0) fail("listen");
  return listener;
}

static pid_t start(char **command, int input, int output) {
  pid_t child = fork();
  if (child < 0) fail("fork");
  if (child > 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(input, 0);
  dup2(output, 1);
  execvp(command[0], command);
  perror(command[0]);
  _exit(127);
}

// Gives everything to `sink` from a process of its own, which holds no other end open.
static pid_t feed(int sink, long long bytes) {
  pid_t child = fork();
  if (child < 0) fail("fork");
  if (child > 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  while (bytes > 0) {
    size_t most = bytes < (long long)sizeof block ? (size_t)bytes : sizeof block;
    ssize_t count = write(sink, block, most);
    if (count < 0 && errno != EINTR) _exit(1);
    if (count > 0) bytes -= count;
  }
  _exit(0);
}

static void drain(int source, long long bytes) {
  while (bytes > 0) {
    size_t most = bytes < (long long)sizeof block ? (size_t)bytes : sizeof block;
    ssize_t count = read(source, block, most);
    if (count == 0) {
      fprintf(stderr, "ends: %lld bytes are missing\n", bytes);
      exit(1);
    }
    if (count < 0 && errno != EINTR) fail("read");
    if (count > 0) bytes -= count;
  }
}

// The number behind `name` in a file of /proc, in KiB.
static long field(pid_t process, const char *file, const char *name) {
  char path[64], line[256];
  long value = -1;
  snprintf(path, sizeof path, "/proc/%d/%s", (int)process, file);
  FILE *stream = fopen(path, "r");
  if (!stream) return -1;
  while (fgets(line, sizeof line, stream))
    if (strncmp(line, name, strlen(name)) == 0) value = atol(line + strlen(name));
  fclose(stream);
  return value;
}

int main(int count, char **words) {
  if (count < 5) return 64;
  int down = strcmp(words[1], "down") == 0;
  long long bytes = atoll(words[3]);
  int input[2], output[2];
  signal(SIGPIPE, SIG_IGN);
  alarm(120);
  int listener = listening(atoi(words[2]));
  if (pipe2(input, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC) != 0) fail("pipe");

  pid_t relay = start(words + 4, input[0], output[1]);
  close(input[0]);
  close(output[1]);
  struct pollfd caller = {.fd = listener, .events = POLLIN};
  if (poll(&caller, 1, 20000) != 1) fail("nobody connects");
  int server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  if (write(server, greeting, sizeof greeting - 1) < 0) fail("greet");
  drain(output[0], sizeof greeting - 1);

  double begin = now();
  pid_t feeder = feed(down ? server : input[1], bytes);
  drain(down ? output[0] : server, bytes);
  double wall = now() - begin;
  long resident = field(relay, "status", "VmHWM:");
  long standing = field(relay, "smaps_rollup", "Rss:");
  long dirty = field(relay, "smaps_rollup", "Private_Dirty:");

  waitpid(feeder, NULL, 0);
  close(input[1]);
  shutdown(server, SHUT_RDWR);
  close(server);
  close(output[0]);
  int status = 0;
  struct rusage usage;
  double deadline = now() + 5;
  while (wait4(relay, &status, WNOHANG, &usage) == 0) {
    if (now() > deadline) kill(relay, SIGKILL);
    usleep(2000);
  }
  printf("{\"wall\": %.6f, \"user\": %.6f, \"system\": %.6f, \"resident\": %ld, "
         "\"standing\": %ld, \"dirty\": %ld}\n",
         wall, (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6,
         (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / 1e6, resident, standing, dirty);
  return 0;
}
