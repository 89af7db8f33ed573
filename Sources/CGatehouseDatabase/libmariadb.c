#define _GNU_SOURCE
#include "libmariadb.h"

#include "gatehouse_library.h"

#include <errno.h>
#include <fcntl.h>
#include <mariadb/errmsg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct gatehouse_mariadb gatehouse_mariadb;

// libmariadb swaps to a stack of its own for each connection, without a guard page. Its default of 60 KiB is little for
// OpenSSL; memory that is never touched costs nothing.
enum { COROUTINE_STACK = 256 * 1024 };

int gatehouse_mysql_open_library(char *reason, size_t capacity) {
#define GATEHOUSE_MARIADB_PLACE(name) {#name, (void **)&gatehouse_mariadb.name, 0},
    static const struct gatehouse_function functions[] = {GATEHOUSE_MARIADB_FUNCTIONS(GATEHOUSE_MARIADB_PLACE)};
    size_t count = sizeof functions / sizeof functions[0];
    if (gatehouse_library_open("libmariadb.so.3", functions, count, reason, capacity) != 0) return -1;
    // Done here, since the first call of mysql_init would do it, on several threads at once.
    return gatehouse_mariadb.mysql_server_init(0, NULL, NULL) == 0 ? 0 : -1;
}

struct gatehouse_mysql *gatehouse_mysql_create(void) {
    struct gatehouse_mysql *connection = calloc(1, sizeof *connection);
    if (!connection) return NULL;
    connection->descriptor = -1;
    connection->mysql = gatehouse_mariadb.mysql_init(NULL);
    if (connection->mysql) return connection;
    free(connection);
    return NULL;
}

void gatehouse_mysql_fail(struct gatehouse_mysql *connection, unsigned number, const char *message) {
    connection->own_error = number;
    connection->own_message = message;
    connection->outcome = GATEHOUSE_MYSQL_FAILED;
}

static void set_tls(MYSQL *mysql, const struct gatehouse_mysql_login *login) {
    const my_bool yes = 1;
    // Without these two lines libmariadb 3.4 checks certificates even if nobody has asked for it.
    const my_bool verifies = login->tls >= 3;
    gatehouse_mariadb.mysql_optionsv(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verifies);
    if (login->tls == 0) {
        const my_bool no = 0;
        gatehouse_mariadb.mysql_optionsv(mysql, MYSQL_OPT_SSL_ENFORCE, &no);
        return;
    }
    gatehouse_mariadb.mysql_optionsv(mysql, MYSQL_OPT_SSL_ENFORCE, &yes);
    if (login->tls_authorities) gatehouse_mariadb.mysql_optionsv(mysql, MYSQL_OPT_SSL_CA, login->tls_authorities);
    else if (verifies) gatehouse_mariadb.mysql_optionsv(mysql, MYSQL_OPT_SSL_CAPATH, "/etc/ssl/certs");
    if (login->tls_certificate) gatehouse_mariadb.mysql_optionsv(mysql, MYSQL_OPT_SSL_CERT, login->tls_certificate);
    if (login->tls_key) gatehouse_mariadb.mysql_optionsv(mysql, MYSQL_OPT_SSL_KEY, login->tls_key);
}

int gatehouse_mysql_connect(struct gatehouse_mysql *connection, const struct gatehouse_mysql_login *login) {
    MYSQL *mysql = connection->mysql;
    const unsigned timeout = login->timeout_seconds, no = 0;
    gatehouse_mariadb.mysql_optionsv(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &timeout);
    gatehouse_mariadb.mysql_optionsv(mysql, MYSQL_OPT_READ_TIMEOUT, &timeout);
    gatehouse_mariadb.mysql_optionsv(mysql, MYSQL_OPT_WRITE_TIMEOUT, &timeout);
    gatehouse_mariadb.mysql_optionsv(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    gatehouse_mariadb.mysql_optionsv(mysql, MYSQL_OPT_LOCAL_INFILE, &no);
    // None that would give the password away to whoever answers.
    gatehouse_mariadb.mysql_optionsv(mysql, MARIADB_OPT_RESTRICTED_AUTH,
        "mysql_native_password,client_ed25519,caching_sha2_password,sha256_password,auth_gssapi_client,parsec");
    if (login->program)
        gatehouse_mariadb.mysql_optionsv(mysql, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", login->program);
    set_tls(mysql, login);
    // Rows that a WHERE has found count as changed, as with PostgreSQL and SQLite.
    MYSQL *connected = gatehouse_mariadb.mysql_real_connect(mysql, login->host, login->user, login->password,
        login->database, login->port, login->socket, CLIENT_FOUND_ROWS);
    return connected ? 0 : -1;
}

int gatehouse_mysql_run(struct gatehouse_mysql *connection, const char *text) {
    return gatehouse_mariadb.mysql_real_query(connection->mysql, text, strlen(text)) == 0 ? 0 : -1;
}

int gatehouse_mysql_begin(struct gatehouse_mysql *connection) {
    size_t stack = COROUTINE_STACK;
    if (gatehouse_mariadb.mysql_optionsv(connection->mysql, MYSQL_OPT_NONBLOCK, &stack) != 0) {
        gatehouse_mysql_fail(connection, CR_OUT_OF_MEMORY, "no memory for a connection");
        return -1;
    }
    int socket = gatehouse_mariadb.mysql_get_socket(connection->mysql);
    fcntl(socket, F_SETFD, FD_CLOEXEC);
    connection->descriptor = fcntl(socket, F_DUPFD_CLOEXEC, 0);
    if (connection->descriptor < 0)
        gatehouse_mysql_fail(connection, CR_SOCKET_CREATE_ERROR, "no descriptor is left for a connection");
    return connection->descriptor;
}

void gatehouse_mysql_close(struct gatehouse_mysql *connection, int is_orderly) {
    if (connection->descriptor >= 0 && (!is_orderly || connection->operation != NO_OPERATION)) {
        // With the socket shut, nothing that libmariadb still tries to say or to read can block. An operation is led to
        // its end, or the memory on its stack would be lost.
        shutdown(connection->descriptor, SHUT_RDWR);
        const int ready = GATEHOUSE_MYSQL_READABLE | GATEHOUSE_MYSQL_WRITABLE;
        for (int i = 0; i < 100 && gatehouse_mysql_continue(connection, ready) != 0; i++) continue;
    }
    if (connection->result) {
        connection->result->handle = NULL;
        gatehouse_mariadb.mysql_free_result(connection->result);
    }
    gatehouse_mariadb.mysql_close(connection->mysql);
    if (connection->descriptor >= 0) close(connection->descriptor);
    free(connection->text);
    free(connection->text_columns);
    free(connection);
}

int gatehouse_mysql_is_mariadb(const struct gatehouse_mysql *connection) {
    return gatehouse_mariadb.mariadb_connection(connection->mysql) != 0;
}

unsigned long gatehouse_mysql_thread(const struct gatehouse_mysql *connection) {
    return gatehouse_mariadb.mysql_thread_id(connection->mysql);
}

const char *gatehouse_mysql_cipher(const struct gatehouse_mysql *connection) {
    return gatehouse_mariadb.mysql_get_ssl_cipher(connection->mysql);
}

unsigned gatehouse_mysql_server_status(const struct gatehouse_mysql *connection) {
    return connection->mysql->server_status;
}

int gatehouse_mysql_peek(const struct gatehouse_mysql *connection, void *bytes, size_t capacity) {
    ssize_t count;
    do count = recv(connection->descriptor, bytes, capacity, MSG_PEEK | MSG_DONTWAIT);
    while (count < 0 && errno == EINTR);
    if (count >= 0) return (int)count;
    return errno == EAGAIN || errno == EWOULDBLOCK ? -1 : -2;
}

// An error is noted by the statement or by the connection, depending on who found it.
static int statement_has_error(const struct gatehouse_mysql *connection) {
    return connection->statement && gatehouse_mariadb.mysql_stmt_errno(connection->statement->handle) != 0;
}

unsigned gatehouse_mysql_error_number(const struct gatehouse_mysql *connection) {
    if (connection->own_error) return connection->own_error;
    if (statement_has_error(connection)) return gatehouse_mariadb.mysql_stmt_errno(connection->statement->handle);
    unsigned number = gatehouse_mariadb.mysql_errno(connection->mysql);
    return number ? number : CR_UNKNOWN_ERROR;
}

const char *gatehouse_mysql_error_state(const struct gatehouse_mysql *connection) {
    if (connection->own_error) return "HY000";
    if (statement_has_error(connection)) return gatehouse_mariadb.mysql_stmt_sqlstate(connection->statement->handle);
    return gatehouse_mariadb.mysql_sqlstate(connection->mysql);
}

const char *gatehouse_mysql_error_message(const struct gatehouse_mysql *connection) {
    if (connection->own_error) return connection->own_message;
    if (statement_has_error(connection)) return gatehouse_mariadb.mysql_stmt_error(connection->statement->handle);
    return gatehouse_mariadb.mysql_error(connection->mysql);
}

int gatehouse_mysql_is_lost(const struct gatehouse_mysql *connection) {
    return connection->mysql->net.pvio == NULL;
}

unsigned gatehouse_mysql_column_count(const struct gatehouse_mysql *connection) { return connection->column_count; }

const struct gatehouse_mysql_column *gatehouse_mysql_columns(const struct gatehouse_mysql *connection) {
    return connection->columns;
}

const char *gatehouse_mysql_column_name(
    const struct gatehouse_mysql *connection, unsigned index, size_t *length) {
    const MYSQL_FIELD *fields = connection->result ? connection->result->fields : connection->mysql->fields;
    *length = fields[index].name ? fields[index].name_length : 0;
    return fields[index].name;
}

uint64_t gatehouse_mysql_column_names_hash(const struct gatehouse_mysql *connection) { return connection->names_hash; }

uint64_t gatehouse_mysql_changed_rows(const struct gatehouse_mysql *connection) {
    uint64_t rows = gatehouse_mariadb.mysql_affected_rows(connection->mysql);
    return rows == UINT64_MAX ? 0 : rows;
}

uint64_t gatehouse_mysql_last_id(const struct gatehouse_mysql *connection) {
    return gatehouse_mariadb.mysql_insert_id(connection->mysql);
}
