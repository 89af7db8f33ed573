#ifndef GATEHOUSE_SQLITE_H
#define GATEHOUSE_SQLITE_H

#include <stddef.h>
#include <stdint.h>

// libsqlite3's functions, opened at run time. Whoever compiles a module needs no <sqlite3.h>: libsqlite.c checks that
// the numbers here are those there.

struct sqlite3;
struct sqlite3_stmt;
struct sqlite3_value;

/// Result codes. The others reach Swift as numbers and texts.
enum {
    GATEHOUSE_SQLITE_OK = 0,
    GATEHOUSE_SQLITE_ROW = 100,
    GATEHOUSE_SQLITE_DONE = 101,
};

/// Types of a value.
enum {
    GATEHOUSE_SQLITE_INTEGER = 1,
    GATEHOUSE_SQLITE_FLOAT = 2,
    GATEHOUSE_SQLITE_TEXT = 3,
    GATEHOUSE_SQLITE_BLOB = 4,
    GATEHOUSE_SQLITE_NULL = 5,
};

/// Properties of a statement, found while it is prepared.
enum {
    /// It inserts, other than by a trigger.
    GATEHOUSE_SQLITE_INSERTS = 1,
    /// It begins or ends a transaction or a savepoint.
    GATEHOUSE_SQLITE_CONTROLS = 2,
    /// It changes the connection itself: PRAGMA, ATTACH, DETACH, temporary tables and the like.
    GATEHOUSE_SQLITE_TAINTS = 4,
};

/// Opens libsqlite3.so.0, before anything else here is called. Not for several threads at once. Returns 0, or -1 with
/// the reason.
int gatehouse_sqlite_load(char *_Nonnull reason, size_t capacity);

/// Opens a database file for reading and writing, and makes it if it does not exist. On an error `*database` may be set
/// for its message, and must be closed.
int gatehouse_sqlite_open(const char *_Nonnull path, struct sqlite3 *_Nullable *_Nonnull database);

/// Makes the connection refuse what only harms: corruption of the file by SQL, functions with side effects in a schema
/// that somebody else wrote, texts of more than a mebibyte as SQL. `properties` gets the GATEHOUSE_SQLITE_… properties
/// of each statement while that is prepared, and must outlive the connection.
void gatehouse_sqlite_harden(struct sqlite3 *_Nonnull database, int *_Nonnull properties);

/// Prepares a statement that is kept. `*tail` is the rest of the text behind the first statement.
int gatehouse_sqlite_prepare(struct sqlite3 *_Nonnull database, const char *_Nonnull text, size_t length,
    struct sqlite3_stmt *_Nullable *_Nonnull statement, const char *_Nullable *_Nonnull tail);

/// Binds a copy of text or bytes. `start` may be NULL if `length` is 0.
int gatehouse_sqlite_bind_text(
    struct sqlite3_stmt *_Nonnull statement, int index, const void *_Nullable start, size_t length);
int gatehouse_sqlite_bind_bytes(
    struct sqlite3_stmt *_Nonnull statement, int index, const void *_Nullable start, size_t length);

/// The number of times that the statement was prepared anew because the schema had changed.
int gatehouse_sqlite_prepared_anew(struct sqlite3_stmt *_Nonnull statement);

/// Copies what the write-ahead log has into the file, as far as no reader needs it there. Waits for nobody.
int gatehouse_sqlite_checkpoint(struct sqlite3 *_Nonnull database);

// The functions below are the library's, by its names.

int gatehouse_sqlite_close(struct sqlite3 *_Nullable database);
const char *_Nullable gatehouse_sqlite_errmsg(struct sqlite3 *_Nonnull database);
int gatehouse_sqlite_system_errno(struct sqlite3 *_Nonnull database);
int gatehouse_sqlite_finalize(struct sqlite3_stmt *_Nullable statement);
int gatehouse_sqlite_step(struct sqlite3_stmt *_Nonnull statement);
int gatehouse_sqlite_reset(struct sqlite3_stmt *_Nonnull statement);
int gatehouse_sqlite_clear_bindings(struct sqlite3_stmt *_Nonnull statement);
int gatehouse_sqlite_bind_null(struct sqlite3_stmt *_Nonnull statement, int index);
int gatehouse_sqlite_bind_int64(struct sqlite3_stmt *_Nonnull statement, int index, int64_t value);
int gatehouse_sqlite_bind_double(struct sqlite3_stmt *_Nonnull statement, int index, double value);
int gatehouse_sqlite_bind_parameter_count(struct sqlite3_stmt *_Nonnull statement);
int gatehouse_sqlite_column_count(struct sqlite3_stmt *_Nonnull statement);
const char *_Nullable gatehouse_sqlite_column_name(struct sqlite3_stmt *_Nonnull statement, int index);
int gatehouse_sqlite_column_type(struct sqlite3_stmt *_Nonnull statement, int index);
int64_t gatehouse_sqlite_column_int64(struct sqlite3_stmt *_Nonnull statement, int index);
double gatehouse_sqlite_column_double(struct sqlite3_stmt *_Nonnull statement, int index);
const unsigned char *_Nullable gatehouse_sqlite_column_text(struct sqlite3_stmt *_Nonnull statement, int index);
const void *_Nullable gatehouse_sqlite_column_blob(struct sqlite3_stmt *_Nonnull statement, int index);
int gatehouse_sqlite_column_bytes(struct sqlite3_stmt *_Nonnull statement, int index);
struct sqlite3_value *_Nullable gatehouse_sqlite_column_value(struct sqlite3_stmt *_Nonnull statement, int index);
struct sqlite3_value *_Nullable gatehouse_sqlite_value_dup(const struct sqlite3_value *_Nullable value);
void gatehouse_sqlite_value_free(struct sqlite3_value *_Nullable value);
int gatehouse_sqlite_value_type(struct sqlite3_value *_Nonnull value);
int64_t gatehouse_sqlite_value_int64(struct sqlite3_value *_Nonnull value);
double gatehouse_sqlite_value_double(struct sqlite3_value *_Nonnull value);
const unsigned char *_Nullable gatehouse_sqlite_value_text(struct sqlite3_value *_Nonnull value);
const void *_Nullable gatehouse_sqlite_value_blob(struct sqlite3_value *_Nonnull value);
int gatehouse_sqlite_value_bytes(struct sqlite3_value *_Nonnull value);
int gatehouse_sqlite_stmt_readonly(struct sqlite3_stmt *_Nonnull statement);
int gatehouse_sqlite_changes(struct sqlite3 *_Nonnull database);
int gatehouse_sqlite_total_changes(struct sqlite3 *_Nonnull database);
int64_t gatehouse_sqlite_last_insert_rowid(struct sqlite3 *_Nonnull database);
void gatehouse_sqlite_set_last_insert_rowid(struct sqlite3 *_Nonnull database, int64_t value);
int gatehouse_sqlite_get_autocommit(struct sqlite3 *_Nonnull database);
void gatehouse_sqlite_interrupt(struct sqlite3 *_Nonnull database);
void gatehouse_sqlite_progress_handler(
    struct sqlite3 *_Nonnull database, int steps, int (*_Nullable action)(void *_Nullable), void *_Nullable context);
int gatehouse_sqlite_busy_handler(
    struct sqlite3 *_Nonnull database, int (*_Nullable action)(void *_Nullable, int), void *_Nullable context);

#endif
