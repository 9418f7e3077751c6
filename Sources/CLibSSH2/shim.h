// libssh2, and what Swift cannot import of it: macros, and a call that 1.11 renamed.
#pragma once

#include <libssh2.h>

typedef ssize_t (*clibssh2_send)(
    libssh2_socket_t socket, const void *bytes, size_t count, int flags, void **abstract);
typedef ssize_t (*clibssh2_receive)(
    libssh2_socket_t socket, void *buffer, size_t count, int flags, void **abstract);

// libssh2_session_callback_set is deprecated from 1.11.1 on; its successor is missing before.
static inline void clibssh2_set_transport(
    LIBSSH2_SESSION *session, clibssh2_send send, clibssh2_receive receive) {
#if LIBSSH2_VERSION_NUM >= 0x010b01
  libssh2_session_callback_set2(session, LIBSSH2_CALLBACK_SEND, (libssh2_cb_generic *)send);
  libssh2_session_callback_set2(session, LIBSSH2_CALLBACK_RECV, (libssh2_cb_generic *)receive);
#else
  libssh2_session_callback_set(session, LIBSSH2_CALLBACK_SEND, (void *)send);
  libssh2_session_callback_set(session, LIBSSH2_CALLBACK_RECV, (void *)receive);
#endif
}

// The window and packet sizes of a new channel, as libssh2's own convenience calls set them.
static inline unsigned int clibssh2_window_size(void) { return LIBSSH2_CHANNEL_WINDOW_DEFAULT; }
static inline unsigned int clibssh2_packet_size(void) { return LIBSSH2_CHANNEL_PACKET_DEFAULT; }
