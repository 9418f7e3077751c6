#define CURL_DISABLE_TYPECHECK
#ifndef _GNU_SOURCE
#define _GNU_SOURCE  // dup3(2)
#endif
#include "CCurl.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

// More connections than any run has at once: two addresses of a name are tried side by side.
#define MOST 32

struct ccurl_sockets {
  pthread_mutex_t lock;
  int count;
  int numbers[MOST];
  // Of the call that goes on; 0 where there is none.
  int64_t limit;
  bool is_ended;
};

ccurl_sockets *ccurl_sockets_new(void) {
  ccurl_sockets *sockets = calloc(1, sizeof *sockets);
  if (sockets != NULL && pthread_mutex_init(&sockets->lock, NULL) != 0) {
    free(sockets);
    return NULL;
  }
  return sockets;
}

void ccurl_sockets_free(ccurl_sockets *sockets) {
  if (sockets == NULL) return;
  pthread_mutex_destroy(&sockets->lock);
  free(sockets);
}

static int opened(void *context, curl_socket_t socket, curlsocktype purpose) {
  ccurl_sockets *sockets = context;
  (void)purpose;
  pthread_mutex_lock(&sockets->lock);
  const int is_kept = sockets->count < MOST;
  if (is_kept) sockets->numbers[sockets->count++] = socket;
  pthread_mutex_unlock(&sockets->lock);
  return is_kept ? CURL_SOCKOPT_OK : CURL_SOCKOPT_ERROR;
}

// Forgets it first: from then on the number may stand for another descriptor.
static int closed(void *context, curl_socket_t socket) {
  ccurl_sockets *sockets = context;
  pthread_mutex_lock(&sockets->lock);
  for (int index = 0; index < sockets->count; index++)
    if (sockets->numbers[index] == socket) {
      sockets->numbers[index] = sockets->numbers[--sockets->count];
      break;
    }
  pthread_mutex_unlock(&sockets->lock);
  return close(socket);
}

CURLcode ccurl_set_sockets(CURL *handle, ccurl_sockets *sockets) {
  CURLcode code = ccurl_set_pointer(handle, CURLOPT_SOCKOPTDATA, sockets);
  if (code == CURLE_OK) code = ccurl_set_pointer(handle, CURLOPT_CLOSESOCKETDATA, sockets);
  if (code == CURLE_OK) code = ccurl_set_opened(handle, opened);
  if (code == CURLE_OK) code = ccurl_set_closed(handle, closed);
  return code;
}

void ccurl_sockets_begin(ccurl_sockets *sockets, int64_t limit) {
  pthread_mutex_lock(&sockets->lock);
  sockets->limit = limit;
  sockets->is_ended = false;
  pthread_mutex_unlock(&sockets->lock);
}

bool ccurl_sockets_finish(ccurl_sockets *sockets) {
  pthread_mutex_lock(&sockets->lock);
  sockets->limit = 0;
  const bool is_ended = sockets->is_ended;
  pthread_mutex_unlock(&sockets->lock);
  return is_ended;
}

int64_t ccurl_sockets_limit(ccurl_sockets *sockets) {
  pthread_mutex_lock(&sockets->lock);
  const int64_t limit = sockets->limit;
  pthread_mutex_unlock(&sockets->lock);
  return limit;
}

// Close-on-exec from birth where the system knows that: another thread may start a program.
static int pair(int ends[2]) {
#ifdef __linux__
  return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
#else
  return socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
#endif
}

static void replace(int number, int other) {
#ifdef __linux__
  dup3(other, number, O_CLOEXEC);
#else
  dup2(other, number);
  fcntl(number, F_SETFD, FD_CLOEXEC);
#endif
}

// `only_during_call`: unless a call goes on, nothing is done.
static void end(ccurl_sockets *sockets, bool only_during_call) {
  int ends[2];
  if (pair(ends) != 0) return;
  // What is left reads as a connection that the server has closed.
  close(ends[1]);
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  pthread_mutex_lock(&sockets->lock);
  if (sockets->limit != 0 || !only_during_call) {
    for (int index = 0; index < sockets->count; index++) {
      replace(sockets->numbers[index], ends[0]);
    }
    sockets->is_ended = true;
  }
  pthread_mutex_unlock(&sockets->lock);
  close(ends[0]);
}

void ccurl_sockets_end(ccurl_sockets *sockets) { end(sockets, true); }
void ccurl_sockets_end_all(ccurl_sockets *sockets) { end(sockets, false); }
