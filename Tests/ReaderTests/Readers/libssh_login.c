/* libssh_login FILE HOST [CERTIFICATE]: logs in as the configuration FILE says, and prints $USER there.
   libssh 0.10 has no option for a certificate, so that a caller has to load it; nor does it know a
   certificate of the host, whose key is not looked at here: other tests are about trust. */
#include <libssh/libssh.h>
#include <stdio.h>

static ssh_session session;

static int fail(const char *what) {
    fprintf(stderr, "%s: %s\n", what, ssh_get_error(session));
    return 1;
}

static int authenticate(const char *certificate) {
    if (certificate == NULL) return ssh_userauth_publickey_auto(session, NULL, NULL);
    char *path = NULL;
    ssh_key key = NULL, signed_key = NULL;
    if (ssh_options_get(session, SSH_OPTIONS_IDENTITY, &path) != SSH_OK ||
        ssh_pki_import_privkey_file(path, NULL, NULL, NULL, &key) != SSH_OK ||
        ssh_pki_import_cert_file(certificate, &signed_key) != SSH_OK ||
        ssh_pki_copy_cert_to_privkey(signed_key, key) != SSH_OK)
        return SSH_AUTH_ERROR;
    return ssh_userauth_publickey(session, NULL, key);
}

int main(int count, char **words) {
    char user[256];
    int got, length = 0;
    if (count < 3) return 64;
    session = ssh_new();
    ssh_options_set(session, SSH_OPTIONS_HOST, words[2]);
    if (ssh_options_parse_config(session, words[1]) != SSH_OK) return fail("configuration");
    if (ssh_connect(session) != SSH_OK) return fail("connect");
    if (authenticate(count > 3 ? words[3] : NULL) != SSH_AUTH_SUCCESS) return fail("log in");
    ssh_channel channel = ssh_channel_new(session);
    if (ssh_channel_open_session(channel) != SSH_OK ||
        ssh_channel_request_exec(channel, "echo $USER") != SSH_OK)
        return fail("run");
    while ((got = ssh_channel_read(channel, user, sizeof user, 0)) > 0)
        length += (int)fwrite(user, 1, (size_t)got, stdout);
    ssh_channel_free(channel);
    ssh_disconnect(session);
    return length > 1 ? 0 : fail("output");
}
