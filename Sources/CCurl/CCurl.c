#define CURL_DISABLE_TYPECHECK
#define CURL_DISABLE_DEPRECATION
#include "CCurl.h"

#include <dlfcn.h>
#include <stddef.h>

// With these macros, libcurl's header checks that variadic calls have three arguments; they would
// also replace the names below.
#undef curl_easy_setopt
#undef curl_easy_getinfo

#define FUNCTIONS(DO)                                                                            \
  DO(global_init) DO(version_info) DO(getdate) DO(slist_append) DO(slist_free_all)               \
  DO(easy_init) DO(easy_cleanup) DO(easy_strerror) DO(easy_setopt) DO(easy_getinfo)              \
  DO(multi_init) DO(multi_cleanup) DO(multi_add_handle) DO(multi_remove_handle)                  \
  DO(multi_perform) DO(multi_poll) DO(multi_info_read)

// Of each function a pointer with the type that the header declares.
#define POINTER(name) __typeof__(curl_##name) *name;
static struct { FUNCTIONS(POINTER) } curl;

const char *ccurl_load(void) {
  static int is_loaded;
  if (is_loaded) return NULL;
#ifdef __APPLE__
  void *library = dlopen("libcurl.4.dylib", RTLD_LAZY | RTLD_LOCAL);
#else
  void *library = dlopen("libcurl.so.4", RTLD_LAZY | RTLD_LOCAL);
#endif
  if (library == NULL) return dlerror();
#define FIND(name)                                                                               \
  if ((curl.name = (__typeof__(curl.name))dlsym(library, "curl_" #name)) == NULL) return dlerror();
  FUNCTIONS(FIND)
  is_loaded = 1;
  return NULL;
}

CURLcode ccurl_global_init(long flags) { return curl.global_init(flags); }
const char *ccurl_version(void) { return curl.version_info(CURLVERSION_FIRST)->version; }
const char *ccurl_tls_version(void) { return curl.version_info(CURLVERSION_FIRST)->ssl_version; }
time_t ccurl_getdate(const char *text) { return curl.getdate(text, NULL); }

CURL *ccurl_easy_init(void) { return curl.easy_init(); }
void ccurl_easy_cleanup(CURL *handle) { curl.easy_cleanup(handle); }
const char *ccurl_easy_strerror(CURLcode code) { return curl.easy_strerror(code); }

struct curl_slist *ccurl_slist_append(struct curl_slist *list, const char *line) {
  return curl.slist_append(list, line);
}
void ccurl_slist_free_all(struct curl_slist *list) { curl.slist_free_all(list); }

CURLcode ccurl_set_long(CURL *handle, CURLoption option, long value) {
  return curl.easy_setopt(handle, option, value);
}
CURLcode ccurl_set_string(CURL *handle, CURLoption option, const char *value) {
  return curl.easy_setopt(handle, option, value);
}
CURLcode ccurl_set_pointer(CURL *handle, CURLoption option, void *value) {
  return curl.easy_setopt(handle, option, value);
}
CURLcode ccurl_set_write(CURL *handle, CURLoption option, ccurl_write function) {
  return curl.easy_setopt(handle, option, function);
}

CURLcode ccurl_set_opened(CURL *handle, curl_sockopt_callback function) {
  return curl.easy_setopt(handle, CURLOPT_SOCKOPTFUNCTION, function);
}
CURLcode ccurl_set_closed(CURL *handle, curl_closesocket_callback function) {
  return curl.easy_setopt(handle, CURLOPT_CLOSESOCKETFUNCTION, function);
}

CURLcode ccurl_set_protocol(CURL *handle, bool is_plain) {
  CURLcode code = curl.easy_setopt(handle, CURLOPT_PROTOCOLS_STR, is_plain ? "http" : "https");
  if (code != CURLE_UNKNOWN_OPTION) return code;
  return curl.easy_setopt(handle, CURLOPT_PROTOCOLS,
                          (long)(is_plain ? CURLPROTO_HTTP : CURLPROTO_HTTPS));
}

CURLcode ccurl_get_long(CURL *handle, CURLINFO info, long *value) {
  return curl.easy_getinfo(handle, info, value);
}
CURLcode ccurl_get_offset(CURL *handle, CURLINFO info, curl_off_t *value) {
  return curl.easy_getinfo(handle, info, value);
}

const char *ccurl_default_bundle(CURL *handle) {
  char *path = NULL;
#if LIBCURL_VERSION_NUM >= 0x075400
  curl.easy_getinfo(handle, CURLINFO_CAINFO, &path);
#else
  (void)handle;
#endif
  return path;
}

CURLM *ccurl_multi_init(void) { return curl.multi_init(); }
void ccurl_multi_cleanup(CURLM *multi) { curl.multi_cleanup(multi); }
CURLMcode ccurl_multi_add_handle(CURLM *multi, CURL *handle) {
  return curl.multi_add_handle(multi, handle);
}
CURLMcode ccurl_multi_remove_handle(CURLM *multi, CURL *handle) {
  return curl.multi_remove_handle(multi, handle);
}
CURLMcode ccurl_multi_perform(CURLM *multi, int *running) {
  return curl.multi_perform(multi, running);
}
CURLMcode ccurl_multi_poll(CURLM *multi, int milliseconds) {
  return curl.multi_poll(multi, NULL, 0, milliseconds, NULL);
}

int ccurl_multi_finished(CURLM *multi) {
  int left = 0;
  CURLMsg *message;
  while ((message = curl.multi_info_read(multi, &left)) != NULL)
    if (message->msg == CURLMSG_DONE) return (int)message->data.result;
  return -1;
}
