/* Prints what libssh makes of the user's configuration for each host, and what it does not know. */
#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <stdio.h>
#include <string.h>

static int failed;

static void judge(int priority, const char *function, const char *text, void *data) {
    (void)priority, (void)function, (void)data;
    if (strstr(text, "Unknown option") == NULL) return;
    fprintf(stderr, "%s\n", text);
    failed = 1;
}

static void show(ssh_session session, const char *name, enum ssh_options_e option) {
    char *value = NULL;
    if (ssh_options_get(session, option, &value) != SSH_OK) value = NULL;
    printf(" %s=%s", name, value ? value : "");
    ssh_string_free_char(value);
}

int main(int count, char **words) {
    ssh_set_log_callback(judge);
    ssh_set_log_level(SSH_LOG_FUNCTIONS);
    for (int i = 1; i < count; i++) {
        unsigned int port = 0;
        ssh_session session = ssh_new();
        ssh_options_set(session, SSH_OPTIONS_HOST, words[i]);
        if (ssh_options_parse_config(session, NULL) != SSH_OK) failed = 1;
        ssh_options_get_port(session, &port);
        printf("%s Port=%u", words[i], port);
        show(session, "HostName", SSH_OPTIONS_HOST);
        show(session, "User", SSH_OPTIONS_USER);
        show(session, "IdentityFile", SSH_OPTIONS_IDENTITY);
        show(session, "ProxyCommand", SSH_OPTIONS_PROXYCOMMAND);
        printf("\n");
        ssh_free(session);
    }
    return failed;
}
