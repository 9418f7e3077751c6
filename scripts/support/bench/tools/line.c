// A long line: every packet that comes out of a TUN device goes back into it so many milliseconds
// later, in order. sections/line.py routes the loopback addresses of a network namespace through it.
//
// usage: line DEVICE MILLISECONDS      (ends with its parent)
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { SLOTS = 4096, PACKET = 2048 };

// The packets on their way, oldest first.
static struct {
  long long due;
  ssize_t length;
  char bytes[PACKET];
} queue[SLOTS];

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (long long)time.tv_sec * 1000000000 + time.tv_nsec;
}

int main(int count, char **words) {
  struct ifreq request;
  if (count != 3) return 64;
  long long delay = atoll(words[2]) * 1000000;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (device < 0) {
    perror("/dev/net/tun");
    return 69;
  }
  memset(&request, 0, sizeof request);
  strncpy(request.ifr_name, words[1], IFNAMSIZ - 1);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (ioctl(device, TUNSETIFF, &request) != 0) {
    perror("TUNSETIFF");
    return 69;
  }
  puts("ready");
  fflush(stdout);
  unsigned first = 0, last = 0;
  for (;;) {
    struct pollfd item = {.fd = device, .events = last - first < SLOTS ? POLLIN : 0};
    struct timespec wait = {0, 0}, *limit = NULL;
    if (first != last) {
      long long left = queue[first % SLOTS].due - now();
      if (left > 0) {
        wait.tv_sec = left / 1000000000;
        wait.tv_nsec = left % 1000000000;
      }
      limit = &wait;
    }
    if (ppoll(&item, 1, limit, NULL) < 0 && errno != EINTR) return 74;
    while (last - first < SLOTS) {
      ssize_t length = read(device, queue[last % SLOTS].bytes, PACKET);
      if (length <= 0) break;
      queue[last % SLOTS].length = length;
      queue[last % SLOTS].due = now() + delay;
      last++;
    }
    while (first != last && queue[first % SLOTS].due <= now()) {
      ssize_t length = queue[first % SLOTS].length;
      // A packet that the device refuses is lost, as on any line.
      if (write(device, queue[first % SLOTS].bytes, (size_t)length) < 0 && errno == EBADFD) return 0;
      first++;
    }
  }
}
