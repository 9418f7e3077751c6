// Landlock (landlock(7)) by its system calls: there is no wrapper in the C library. The numbers and
// structures are the kernel's interface, written out so that older headers will do.
#define _GNU_SOURCE
#include "CSystem.h"

#ifdef CSYSTEM_LINUX
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// The same on every architecture that Landlock runs on.
enum { CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446 };
enum { ASK_VERSION = 1, RULE_PATH = 1, RULE_PORT = 2 };

enum {
  EXECUTE = 1 << 0,
  WRITE_FILE = 1 << 1,
  READ_FILE = 1 << 2,
  READ_DIR = 1 << 3,
  REMOVE_DIR = 1 << 4,
  REMOVE_FILE = 1 << 5,
  MAKE_DIR = 1 << 7,
  MAKE_REG = 1 << 8,
  MAKE_SYM = 1 << 12,
  TRUNCATE = 1 << 14,
};
enum { CONNECT_TCP = 1 << 1 };

// The kernel reads as many of these as the size that it is given says (extensible arguments).
struct ruleset {
  uint64_t files;
  uint64_t network;
  uint64_t scopes;
};
struct path_rule {
  uint64_t rights;
  int32_t directory;
} __attribute__((packed));
struct port_rule {
  uint64_t rights;
  uint64_t port;
};

int csystem_landlock_version(void) {
  const long version = syscall(CREATE_RULESET, NULL, 0, ASK_VERSION);
  return version > 0 ? (int)version : 0;
}

// All the rights that a version knows: what is handled and not allowed by a rule is denied.
static uint64_t files_handled(int version) {
  // Version 2 brought linking and renaming between directories, 3 truncation, 5 ioctl on devices.
  const int bits = version >= 5 ? 16 : version >= 3 ? 15 : version == 2 ? 14 : 13;
  return (UINT64_C(1) << bits) - 1;
}

int csystem_fence_begin(int fences_network) {
  const int version = csystem_landlock_version();
  if (version == 0) return -1;
  const struct ruleset rules = {
      .files = files_handled(version),
      .network = version >= 4 && fences_network ? 3 : 0,  // bind(2) and connect(2) on TCP
      .scopes = version >= 6 ? 3 : 0,   // abstract Unix sockets, and signals to processes outside
  };
  const size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
  return (int)syscall(CREATE_RULESET, &rules, size, 0);
}

void csystem_fence_allow(int fence, const char *path, int may_write) {
  uint64_t rights = READ_FILE | READ_DIR;
  if (may_write)
    rights |= WRITE_FILE | TRUNCATE | MAKE_REG | MAKE_DIR | MAKE_SYM | REMOVE_FILE | REMOVE_DIR;
  const int place = open(path, O_PATH | O_CLOEXEC);
  struct stat status;
  if (place < 0) return;
  rights &= files_handled(csystem_landlock_version());
  // The rights of directories are refused for anything else.
  if (fstat(place, &status) == 0 && !S_ISDIR(status.st_mode))
    rights &= READ_FILE | WRITE_FILE | TRUNCATE;
  const struct path_rule rule = {.rights = rights, .directory = place};
  syscall(ADD_RULE, fence, RULE_PATH, &rule, 0);
  close(place);
}

void csystem_fence_allow_port(int fence, int port) {
  const struct port_rule rule = {.rights = CONNECT_TCP, .port = (uint64_t)port};
  syscall(ADD_RULE, fence, RULE_PORT, &rule, 0);
}

struct library_search {
  int fence;
  const char *home;
  char last[PATH_MAX];
};

static int allow_library(struct dl_phdr_info *object, size_t size, void *context) {
  (void)size;
  struct library_search *search = context;
  const char *slash = strrchr(object->dlpi_name, '/');
  const size_t length = slash == NULL ? 0 : (size_t)(slash - object->dlpi_name);
  if (length == 0 || length >= sizeof search->last) return 0;
  char directory[PATH_MAX];
  memcpy(directory, object->dlpi_name, length);
  directory[length] = 0;
  // A library in the home directory itself does not open all of it.
  const int holds_home = strncmp(directory, search->home, length) == 0 &&
                         (search->home[length] == '/' || search->home[length] == 0);
  if (holds_home || strcmp(directory, search->last) == 0) return 0;
  memcpy(search->last, directory, length + 1);
  csystem_fence_allow(search->fence, directory, 0);
  return 0;
}

void csystem_fence_allow_libraries(int fence, const char *home) {
  struct library_search search = {.fence = fence, .home = home};
  dl_iterate_phdr(allow_library, &search);
}

int csystem_fence_close(int fence) {
  const int version = csystem_landlock_version();
  // Without privileges the kernel wants this first: no program run from here on gains any.
  const int result =
      prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && syscall(RESTRICT_SELF, fence, 0) == 0;
  close(fence);
  if (!result) return 0;
  return version >= 4 ? CSYSTEM_FILES_FENCED | CSYSTEM_NETWORK_FENCED : CSYSTEM_FILES_FENCED;
}
#endif
