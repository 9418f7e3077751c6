// libcurl, loaded by dlopen(3) for the first request: it and the thirty libraries behind it would
// double the start-up time and memory of every run, and most runs make no request. The functions are
// libcurl's own, named ccurl_… instead of curl_…; the variadic ones, which Swift cannot call, have
// one form for each type of argument.
#pragma once

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

/// Loads libcurl, once; to be called before any other function here.
/// Returns NULL, or dlerror(3)'s message.
const char *ccurl_load(void);

CURLcode ccurl_global_init(long flags);
/// Of libcurl, and of what it uses for TLS ("OpenSSL/3.0.19"; NULL without): curl_version_info(3). Not
/// curl_version(3), which asks OpenLDAP for its own, and that looks up this computer's name first.
const char *ccurl_version(void);
const char *ccurl_tls_version(void);
time_t ccurl_getdate(const char *text);

CURL *ccurl_easy_init(void);
void ccurl_easy_cleanup(CURL *handle);
const char *ccurl_easy_strerror(CURLcode code);

struct curl_slist *ccurl_slist_append(struct curl_slist *list, const char *line);
void ccurl_slist_free_all(struct curl_slist *list);

typedef size_t (*ccurl_write)(char *bytes, size_t size, size_t count, void *context);

CURLcode ccurl_set_long(CURL *handle, CURLoption option, long value);
CURLcode ccurl_set_string(CURL *handle, CURLoption option, const char *value);
CURLcode ccurl_set_pointer(CURL *handle, CURLoption option, void *value);
CURLcode ccurl_set_write(CURL *handle, CURLoption option, ccurl_write function);

CURLcode ccurl_set_opened(CURL *handle, curl_sockopt_callback function);
CURLcode ccurl_set_closed(CURL *handle, curl_closesocket_callback function);

/// The sockets of all connections of a multi handle, so that another thread can end them while
/// libcurl is busy with one.
typedef struct ccurl_sockets ccurl_sockets;

/// Returns NULL where there is no memory. To be freed after the multi handle.
ccurl_sockets *ccurl_sockets_new(void);
void ccurl_sockets_free(ccurl_sockets *sockets);
/// Has libcurl tell `sockets` of each socket that it opens or closes for this transfer.
CURLcode ccurl_set_sockets(CURL *handle, ccurl_sockets *sockets);

/// A call of libcurl begins, which has to be over at `limit` (more than 0, by the caller's clock).
void ccurl_sockets_begin(ccurl_sockets *sockets, int64_t limit);
/// It is over. Returns whether the connections were ended meanwhile.
bool ccurl_sockets_finish(ccurl_sockets *sockets);
/// The limit of the call that goes on; 0 where there is none. For any thread, as what follows.
int64_t ccurl_sockets_limit(ccurl_sockets *sockets);
/// Ends every connection, if a call still goes on.
void ccurl_sockets_end(ccurl_sockets *sockets);
/// The same, call or none. Before libcurl closes a connection it reads what is there, which may be
/// without end.
void ccurl_sockets_end_all(ccurl_sockets *sockets);

/// Allows http or https alone; libcurl before 7.85 has that by numbers, which later headers deprecate.
CURLcode ccurl_set_protocol(CURL *handle, bool is_plain);

CURLcode ccurl_get_long(CURL *handle, CURLINFO info, long *value);
CURLcode ccurl_get_offset(CURL *handle, CURLINFO info, curl_off_t *value);

/// The file of authorities that this libcurl reads by itself, as long as `handle` lives; NULL where it
/// has none or does not tell (before 7.84).
const char *ccurl_default_bundle(CURL *handle);

CURLM *ccurl_multi_init(void);
void ccurl_multi_cleanup(CURLM *multi);
CURLMcode ccurl_multi_add_handle(CURLM *multi, CURL *handle);
CURLMcode ccurl_multi_remove_handle(CURLM *multi, CURL *handle);
CURLMcode ccurl_multi_perform(CURLM *multi, int *running);
/// Waits up to `milliseconds` for the transfers of `multi`.
CURLMcode ccurl_multi_poll(CURLM *multi, int milliseconds);
/// The result of a finished transfer, taken from the queue; -1 when none has finished.
int ccurl_multi_finished(CURLM *multi);
