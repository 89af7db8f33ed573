#ifndef GATEHOUSE_LIBMARIADB_PRIVATE_H
#define GATEHOUSE_LIBMARIADB_PRIVATE_H

#include "gatehouse_libmariadb.h"

#include <mariadb/mysql.h>

// The functions of libmariadb that are used here, by their own names.
#define GATEHOUSE_MARIADB_FUNCTIONS(X)                                                                                 \
    X(mysql_server_init) X(mysql_init) X(mysql_optionsv) X(mysql_real_connect) X(mysql_close) X(mysql_get_socket)      \
    X(mysql_errno) X(mysql_error) X(mysql_sqlstate) X(mysql_real_query) X(mysql_thread_id) X(mysql_get_ssl_cipher)     \
    X(mariadb_connection) X(mysql_affected_rows) X(mysql_insert_id) X(mysql_use_result) X(mysql_free_result)           \
    X(mysql_fetch_lengths) X(mysql_stmt_init) X(mysql_stmt_errno) X(mysql_stmt_error) X(mysql_stmt_sqlstate)           \
    X(mysql_stmt_param_count) X(mysql_stmt_field_count) X(mysql_stmt_bind_param) X(mysql_stmt_bind_result)             \
    X(mysql_stmt_fetch_column) X(mysql_stmt_close) X(mysql_real_query_start) X(mysql_real_query_cont)                  \
    X(mysql_fetch_row_start) X(mysql_fetch_row_cont) X(mysql_next_result_start) X(mysql_next_result_cont)              \
    X(mysql_stmt_prepare_start) X(mysql_stmt_prepare_cont) X(mysql_stmt_execute_start) X(mysql_stmt_execute_cont)      \
    X(mysql_stmt_fetch_start) X(mysql_stmt_fetch_cont) X(mysql_stmt_close_start) X(mysql_stmt_close_cont)

#define GATEHOUSE_MARIADB_MEMBER(name) __typeof__(&name) name;
struct gatehouse_mariadb {
    GATEHOUSE_MARIADB_FUNCTIONS(GATEHOUSE_MARIADB_MEMBER)
};
extern struct gatehouse_mariadb gatehouse_mariadb;

enum gatehouse_mysql_operation {
    NO_OPERATION, QUERY, PREPARE, EXECUTE, FETCH, FETCH_TEXT, NEXT_RESULT, CLOSE_STATEMENT
};

struct gatehouse_mysql {
    MYSQL *mysql;
    /// Our own descriptor of the same socket; -1 before gatehouse_mysql_begin.
    int descriptor;

    enum gatehouse_mysql_operation operation;
    enum gatehouse_mysql_outcome outcome;
    struct gatehouse_mysql_statement *statement;
    /// The text of the statement under way, which libmariadb does not copy.
    char *text;
    /// Places that libmariadb writes an operation's value to.
    int number;
    my_bool flag;
    MYSQL_ROW row;

    /// The current result: of a statement, or the text columns here.
    MYSQL_RES *result;
    struct gatehouse_mysql_column *columns, *text_columns;
    unsigned column_count;
    uint64_t names_hash;

    /// An error that libmariadb does not know of.
    unsigned own_error;
    const char *own_message;
};

/// The memory of one parameter.
struct gatehouse_mysql_parameter {
    int64_t integer;
    double real;
    MYSQL_TIME time;
    /// The place of copied bytes in the statement's memory.
    size_t offset;
};

/// The memory of one column: libmariadb writes to it, and then it is shown as a gatehouse_mysql_column.
struct gatehouse_mysql_cell {
    enum enum_field_types type;
    unsigned decimals;
    my_bool is_null;
    int64_t integer;
    double real;
    MYSQL_TIME time;
    char written[64];
    char *buffer;
    unsigned long capacity, length;
};

struct gatehouse_mysql_statement {
    MYSQL_STMT *handle;

    unsigned parameter_count;
    MYSQL_BIND *parameters;
    struct gatehouse_mysql_parameter *values;
    /// Copies of texts and bytes.
    char *memory;
    size_t used, capacity;

    unsigned column_count;
    MYSQL_BIND *binds;
    struct gatehouse_mysql_cell *cells;
    struct gatehouse_mysql_column *columns;
};

/// Sets an error of ours, with a number of libmariadb's range for clients.
void gatehouse_mysql_fail(struct gatehouse_mysql *connection, unsigned number, const char *message);

/// Makes room for the parameters that a prepared statement has. -1 if there is no memory.
int gatehouse_mysql_make_parameters(struct gatehouse_mysql_statement *statement);

/// Hands the values to libmariadb. -1 if it refuses.
int gatehouse_mysql_bind_parameters(struct gatehouse_mysql_statement *statement);

/// Makes room for a row of the result that has begun. -1 with an error of ours.
int gatehouse_mysql_bind_columns(struct gatehouse_mysql *connection, struct gatehouse_mysql_statement *statement);

/// Frees the room for a row. The members that point to it must not be used before it is made anew.
void gatehouse_mysql_free_columns(struct gatehouse_mysql_statement *statement);

/// Completes the row that libmariadb has written to the cells. -1 with an error of ours.
int gatehouse_mysql_complete_row(struct gatehouse_mysql *connection, struct gatehouse_mysql_statement *statement);

/// Begins the result of a query, whose rows are text. -1 with an error of ours.
int gatehouse_mysql_begin_text(struct gatehouse_mysql *connection);

/// Shows a row of a query.
void gatehouse_mysql_show_text(struct gatehouse_mysql *connection);

/// Writes a date, a moment or a time as MySQL does, with as many digits of a second as the column has. The length.
size_t gatehouse_mysql_write_time(char text[64], const MYSQL_TIME *time, enum enum_field_types type, unsigned decimals);

#endif
