#ifndef GATEHOUSE_LIBMARIADB_H
#define GATEHOUSE_LIBMARIADB_H

#include <stddef.h>
#include <stdint.h>

// MySQL and MariaDB by libmariadb, which is opened at run time. Connecting blocks, and is done on a thread of its own;
// after gatehouse_mysql_begin every operation is one of libmariadb's non-blocking calls. Each of these returns 0 if it
// has ended, or the readiness to wait for, whereupon gatehouse_mysql_continue goes on with it. One operation at a time.

/// A connection, with the operation under way.
struct gatehouse_mysql;
/// A prepared statement of one connection, with the memory for its parameters and for one row.
struct gatehouse_mysql_statement;

enum gatehouse_mysql_readiness { GATEHOUSE_MYSQL_READABLE = 1, GATEHOUSE_MYSQL_WRITABLE = 2 };

/// The end of an operation.
enum gatehouse_mysql_outcome {
    GATEHOUSE_MYSQL_DONE = 0,
    GATEHOUSE_MYSQL_FAILED = 1,
    /// A fetch has found no further row.
    GATEHOUSE_MYSQL_END = 2,
};

enum gatehouse_mysql_kind {
    GATEHOUSE_MYSQL_INTEGER = 1,
    GATEHOUSE_MYSQL_UNSIGNED,
    GATEHOUSE_MYSQL_REAL,
    GATEHOUSE_MYSQL_TEXT,
    GATEHOUSE_MYSQL_BYTES,
    GATEHOUSE_MYSQL_DECIMAL,
};

/// A column of the row that was fetched last.
struct gatehouse_mysql_column {
    uint8_t kind;
    uint8_t is_null;
    /// The number; the bits of an unsigned one.
    int64_t integer;
    double real;
    const void *_Nullable bytes;
    size_t length;
};

/// A server and how to log in; NULL is the library's default.
struct gatehouse_mysql_login {
    const char *_Nullable host;
    const char *_Nullable socket;
    const char *_Nullable user;
    const char *_Nullable password;
    const char *_Nullable database;
    const char *_Nullable program;
    unsigned port;
    unsigned timeout_seconds;
    /// 0: no TLS. 1: TLS if the server has it. 2: TLS. 3: TLS, and the certificate is checked.
    int tls;
    const char *_Nullable tls_authorities;
    const char *_Nullable tls_certificate;
    const char *_Nullable tls_key;
};

/// Opens libmariadb. Returns 0, or -1 with the reason in `reason`. One thread at a time.
int gatehouse_mysql_open_library(char *_Nonnull reason, size_t capacity);

/// A connection that is not connected yet. NULL if there is no memory.
struct gatehouse_mysql *_Nullable gatehouse_mysql_create(void);

/// Connects, blocking. 0, or -1 with an error.
int gatehouse_mysql_connect(
    struct gatehouse_mysql *_Nonnull connection, const struct gatehouse_mysql_login *_Nonnull login);

/// Runs a statement without a result, blocking. 0, or -1 with an error.
int gatehouse_mysql_run(struct gatehouse_mysql *_Nonnull connection, const char *_Nonnull text);

/// From here on operations do not block. Returns a descriptor to watch, which is not libmariadb's own (that one is
/// closed whenever libmariadb finds the connection lost), and ours to the end; -1 with an error.
int gatehouse_mysql_begin(struct gatehouse_mysql *_Nonnull connection);

/// Closes at once, whatever is under way; `is_orderly` says goodbye to the server first. The watch of the descriptor
/// must have ended. The statements are to be freed afterwards.
void gatehouse_mysql_close(struct gatehouse_mysql *_Nonnull connection, int is_orderly);

int gatehouse_mysql_is_mariadb(const struct gatehouse_mysql *_Nonnull connection);
unsigned long gatehouse_mysql_thread(const struct gatehouse_mysql *_Nonnull connection);
/// The name of the cipher; NULL without TLS.
const char *_Nullable gatehouse_mysql_cipher(const struct gatehouse_mysql *_Nonnull connection);
/// The flags of the server's last answer that had any; an error has none.
unsigned gatehouse_mysql_server_status(const struct gatehouse_mysql *_Nonnull connection);
enum { GATEHOUSE_MYSQL_IN_TRANSACTION = 1, GATEHOUSE_MYSQL_MORE_RESULTS = 8 };

/// Copies what waits to be read on a connection that has nothing under way, without taking it. The count of bytes, 0 at
/// the end of the stream, -1 if nothing waits, -2 if the connection has failed.
int gatehouse_mysql_peek(
    const struct gatehouse_mysql *_Nonnull connection, void *_Nonnull bytes, size_t capacity);

/// The last error.
unsigned gatehouse_mysql_error_number(const struct gatehouse_mysql *_Nonnull connection);
const char *_Nonnull gatehouse_mysql_error_state(const struct gatehouse_mysql *_Nonnull connection);
const char *_Nonnull gatehouse_mysql_error_message(const struct gatehouse_mysql *_Nonnull connection);
/// Whether libmariadb has given the connection up.
int gatehouse_mysql_is_lost(const struct gatehouse_mysql *_Nonnull connection);

/// Goes on with the operation under way.
int gatehouse_mysql_continue(struct gatehouse_mysql *_Nonnull connection, int readiness);

/// The outcome of the operation that has ended.
enum gatehouse_mysql_outcome gatehouse_mysql_outcome(const struct gatehouse_mysql *_Nonnull connection);

/// Sends a statement that has no values as it is. Its rows are all text.
int gatehouse_mysql_query(
    struct gatehouse_mysql *_Nonnull connection, const char *_Nonnull text, size_t length);

/// A statement to prepare. NULL if there is no memory.
struct gatehouse_mysql_statement *_Nullable gatehouse_mysql_statement_create(
    struct gatehouse_mysql *_Nonnull connection);

int gatehouse_mysql_prepare(struct gatehouse_mysql *_Nonnull connection,
    struct gatehouse_mysql_statement *_Nonnull statement, const char *_Nonnull text, size_t length);

/// Executes with the values that have been set.
int gatehouse_mysql_execute(
    struct gatehouse_mysql *_Nonnull connection, struct gatehouse_mysql_statement *_Nonnull statement);

/// Fetches the next row; of the query if there is no statement.
int gatehouse_mysql_fetch(
    struct gatehouse_mysql *_Nonnull connection, struct gatehouse_mysql_statement *_Nullable statement);

/// Reads the head of the next result, if the server status says that there is one. Its rows cannot be fetched.
int gatehouse_mysql_next_result(struct gatehouse_mysql *_Nonnull connection);

/// Closes a statement on the server and frees it.
int gatehouse_mysql_statement_close(
    struct gatehouse_mysql *_Nonnull connection, struct gatehouse_mysql_statement *_Nonnull statement);

/// Frees a statement whose connection is closed, or that was never prepared.
void gatehouse_mysql_statement_free(struct gatehouse_mysql_statement *_Nonnull statement);

/// Frees big memory of a statement that has been executed.
void gatehouse_mysql_statement_rest(struct gatehouse_mysql_statement *_Nonnull statement);

/// The columns of the current result; 0 if it has no rows.
unsigned gatehouse_mysql_column_count(const struct gatehouse_mysql *_Nonnull connection);
const struct gatehouse_mysql_column *_Nullable gatehouse_mysql_columns(
    const struct gatehouse_mysql *_Nonnull connection);
const char *_Nullable gatehouse_mysql_column_name(
    const struct gatehouse_mysql *_Nonnull connection, unsigned index, size_t *_Nonnull length);
/// A hash of the columns' names.
uint64_t gatehouse_mysql_column_names_hash(const struct gatehouse_mysql *_Nonnull connection);

/// Rows that the last statement changed, or with a WHERE found; 0 if unknown.
uint64_t gatehouse_mysql_changed_rows(const struct gatehouse_mysql *_Nonnull connection);
/// The AUTO_INCREMENT value that the last statement made; 0 if none.
uint64_t gatehouse_mysql_last_id(const struct gatehouse_mysql *_Nonnull connection);

/// The count of a prepared statement's parameters. The setters' `index` is below that.
unsigned gatehouse_mysql_parameter_count(const struct gatehouse_mysql_statement *_Nonnull statement);
void gatehouse_mysql_set_null(struct gatehouse_mysql_statement *_Nonnull statement, unsigned index);
void gatehouse_mysql_set_integer(struct gatehouse_mysql_statement *_Nonnull statement, unsigned index, int64_t value);
void gatehouse_mysql_set_unsigned(struct gatehouse_mysql_statement *_Nonnull statement, unsigned index, uint64_t value);
void gatehouse_mysql_set_real(struct gatehouse_mysql_statement *_Nonnull statement, unsigned index, double value);
/// A moment of the years 0 to 9999; `microseconds` are those since 1970-01-01 00:00:00.
void gatehouse_mysql_set_moment(
    struct gatehouse_mysql_statement *_Nonnull statement, unsigned index, int64_t microseconds);
/// Copies text, bytes or a decimal number. -1 if there is no memory.
int gatehouse_mysql_set_bytes(struct gatehouse_mysql_statement *_Nonnull statement, unsigned index,
    enum gatehouse_mysql_kind kind, const void *_Nullable bytes, size_t length);

#endif
