// The least that a client on libssh2 can be: one login with a key file and one `direct-tcpip` channel
// between standard input and output; no known hosts, no session, no keepalive. What the jump route
// is measured against.
//
// usage: tunnel ADDRESS PORT USER KEY HOST HOSTPORT        (HOST as ADDRESS:PORT sees it)
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libssh2.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CAPACITY = 1 << 20 };

static char up[128 * 1024], down[128 * 1024];
static LIBSSH2_SESSION *session;

static void fail(const char *what) {
  char *text = "";
  libssh2_session_last_error(session, &text, NULL, 0);
  fprintf(stderr, "tunnel: %s: %s\n", what, text);
  exit(1);
}

static int connected(const char *address, const char *port) {
  struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(port))};
  int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (inet_pton(AF_INET, address, &peer.sin_addr) != 1) exit(64);
  if (connect(server, (struct sockaddr *)&peer, sizeof peer) != 0) exit(69);
  return server;
}

static LIBSSH2_CHANNEL *opened(int server, char **words) {
  if (libssh2_init(0) != 0 || (session = libssh2_session_init()) == NULL) exit(70);
  static const int ciphers[] = {LIBSSH2_METHOD_CRYPT_CS, LIBSSH2_METHOD_CRYPT_SC};
  static const int macs[] = {LIBSSH2_METHOD_MAC_CS, LIBSSH2_METHOD_MAC_SC};
  for (int i = 0; i < 2; i++) {
    libssh2_session_method_pref(session, ciphers[i], "aes128-ctr");
    libssh2_session_method_pref(session, macs[i], "hmac-sha2-256");
  }
  if (libssh2_session_handshake(session, server) != 0) fail("exchange keys");
  if (libssh2_userauth_publickey_fromfile(session, words[3], NULL, words[4], NULL) != 0)
    fail("log in");
  LIBSSH2_CHANNEL *channel =
      libssh2_channel_direct_tcpip_ex(session, words[5], atoi(words[6]), "127.0.0.1", 0);
  if (channel == NULL) fail("open the channel");
  libssh2_session_set_blocking(session, 0);
  return channel;
}

int main(int count, char **words) {
  if (count != 7) return 64;
  signal(SIGPIPE, SIG_IGN);
  int server = connected(words[1], words[2]);
  LIBSSH2_CHANNEL *channel = opened(server, words);
  int descriptors[] = {0, 1, server};
  for (int i = 0; i < 3; i++) {
    fcntl(descriptors[i], F_SETFL, O_NONBLOCK | (i == 2 ? 0 : fcntl(descriptors[i], F_GETFL)));
    fcntl(descriptors[i], F_SETPIPE_SZ, CAPACITY);
  }

  size_t held = 0, sent = 0, got = 0, given = 0;
  int up_ended = 0, down_ended = 0;
  while (!down_ended || given < got) {
    int moved = 0;
    if (sent == held && !up_ended) {
      ssize_t bytes = read(0, up, sizeof up);
      if (bytes > 0) held = (size_t)bytes, sent = 0, moved = 1;
      if (bytes == 0) up_ended = 1, libssh2_channel_send_eof(channel);
    }
    if (sent < held) {
      ssize_t bytes = libssh2_channel_write(channel, up + sent, held - sent);
      if (bytes > 0) sent += (size_t)bytes, moved = 1;
      if (bytes < 0 && bytes != LIBSSH2_ERROR_EAGAIN) fail("write");
    }
    if (given == got && !down_ended) {
      ssize_t bytes = libssh2_channel_read(channel, down, sizeof down);
      if (bytes > 0) got = (size_t)bytes, given = 0, moved = 1;
      if (bytes == 0 && libssh2_channel_eof(channel)) down_ended = 1;
      if (bytes < 0 && bytes != LIBSSH2_ERROR_EAGAIN) fail("read");
    }
    if (given < got) {
      ssize_t bytes = write(1, down + given, got - given);
      if (bytes > 0) given += (size_t)bytes, moved = 1;
      if (bytes < 0 && errno != EAGAIN) return 74;
    }
    if (moved) continue;
    int waits_to_send = libssh2_session_block_directions(session) & LIBSSH2_SESSION_BLOCK_OUTBOUND;
    struct pollfd items[] = {
        {.fd = server, .events = (short)(POLLIN | (waits_to_send ? POLLOUT : 0))},
        {.fd = sent == held && !up_ended ? 0 : -1, .events = POLLIN},
        {.fd = given < got ? 1 : -1, .events = POLLOUT},
    };
    poll(items, 3, -1);
  }
  return 0;
}
