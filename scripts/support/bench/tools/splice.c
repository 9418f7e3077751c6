// The least that a relay can be on Linux: poll(2), splice(2), pipes of 1 MiB, no session, no retry,
// no first-byte rule. What `sshproxy connect` is measured against.
//
// usage: splice PORT        (127.0.0.1; standard input and output are pipes)
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CAPACITY = 1 << 20 };

int main(int count, char **words) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  int one = 1, ended = 0;
  if (count != 2) return 64;
  signal(SIGPIPE, SIG_IGN);
  address.sin_port = htons((unsigned short)atoi(words[1]));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(server, (struct sockaddr *)&address, sizeof address) != 0) return 69;
  setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  fcntl(0, F_SETPIPE_SZ, CAPACITY);
  fcntl(1, F_SETPIPE_SZ, CAPACITY);
  fcntl(server, F_SETFL, O_NONBLOCK);

  // Which end a direction waits for: its source, until a splice says that it was the sink.
  int up_waits_for_sink = 0, down_waits_for_sink = 0;
  for (;;) {
    struct pollfd items[] = {
        {.fd = up_waits_for_sink || ended ? -1 : 0, .events = POLLIN},
        {.fd = down_waits_for_sink ? 1 : -1, .events = POLLOUT},
        {.fd = server,
         .events = (down_waits_for_sink ? 0 : POLLIN) | (up_waits_for_sink ? POLLOUT : 0)},
    };
    if (poll(items, 3, -1) < 0 && errno != EINTR) return 74;
    if (!ended && (items[0].revents || (up_waits_for_sink && items[2].revents & POLLOUT))) {
      ssize_t moved = splice(0, NULL, server, NULL, CAPACITY, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
      up_waits_for_sink = moved < 0 && errno == EAGAIN;
      if (moved == 0) {
        ended = 1;
        shutdown(server, SHUT_WR);
      } else if (moved < 0 && errno != EAGAIN) {
        return 74;
      }
    }
    if (items[1].revents || (!down_waits_for_sink && items[2].revents & ~POLLOUT)) {
      ssize_t moved = splice(server, NULL, 1, NULL, CAPACITY, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
      down_waits_for_sink = moved < 0 && errno == EAGAIN;
      if (moved == 0) return 0;
      if (moved < 0 && errno != EAGAIN) return errno == EPIPE ? 0 : 74;
    }
  }
}
