#include "libmariadb.h"

#include <mariadb/errmsg.h>
#include <stdlib.h>
#include <string.h>

enum { BINARY_CHARACTER_SET = 63, FIRST_CAPACITY = 64 };

/// The kind in which a column is shown; 0 for a type that no server sends, which libmariadb would crash on.
static int kind_of(const MYSQL_FIELD *field) {
    switch (field->type) {
    case MYSQL_TYPE_TINY:
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_LONGLONG:
    case MYSQL_TYPE_YEAR: return field->flags & UNSIGNED_FLAG ? GATEHOUSE_MYSQL_UNSIGNED : GATEHOUSE_MYSQL_INTEGER;
    case MYSQL_TYPE_BIT: return GATEHOUSE_MYSQL_UNSIGNED;
    case MYSQL_TYPE_FLOAT:
    case MYSQL_TYPE_DOUBLE: return GATEHOUSE_MYSQL_REAL;
    case MYSQL_TYPE_TINY_BLOB:
    case MYSQL_TYPE_MEDIUM_BLOB:
    case MYSQL_TYPE_LONG_BLOB:
    case MYSQL_TYPE_BLOB:
    case MYSQL_TYPE_VARCHAR:
    case MYSQL_TYPE_VAR_STRING:
    case MYSQL_TYPE_STRING:
        return field->charsetnr == BINARY_CHARACTER_SET ? GATEHOUSE_MYSQL_BYTES : GATEHOUSE_MYSQL_TEXT;
    case MYSQL_TYPE_GEOMETRY: return GATEHOUSE_MYSQL_BYTES;
    case MYSQL_TYPE_NULL:
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL:
    case MYSQL_TYPE_JSON:
    case MYSQL_TYPE_ENUM:
    case MYSQL_TYPE_SET:
    case MYSQL_TYPE_TIMESTAMP:
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_NEWDATE:
    case MYSQL_TYPE_TIME:
    case MYSQL_TYPE_DATETIME: return GATEHOUSE_MYSQL_TEXT;
    default: return 0;
    }
}

static int is_temporal(enum enum_field_types type) {
    return type == MYSQL_TYPE_TIMESTAMP || type == MYSQL_TYPE_DATE || type == MYSQL_TYPE_TIME
        || type == MYSQL_TYPE_DATETIME;
}

/// Has libmariadb write a column's values to its cell. -1 if there is no memory.
static int bind_column(MYSQL_BIND *bind, struct gatehouse_mysql_cell *cell,
    const struct gatehouse_mysql_column *column, const MYSQL_FIELD *field) {
    memset(bind, 0, sizeof *bind);
    bind->is_null = &cell->is_null;
    bind->length = &cell->length;
    cell->type = field->type;
    cell->decimals = field->decimals;
    if (field->type == MYSQL_TYPE_BIT) {
        // Up to eight bytes, the highest first.
        bind->buffer_type = MYSQL_TYPE_BLOB;
        bind->buffer = cell->written;
        bind->buffer_length = 8;
    } else if (column->kind == GATEHOUSE_MYSQL_INTEGER || column->kind == GATEHOUSE_MYSQL_UNSIGNED) {
        bind->buffer_type = MYSQL_TYPE_LONGLONG;
        bind->buffer = &cell->integer;
        bind->is_unsigned = column->kind == GATEHOUSE_MYSQL_UNSIGNED;
    } else if (column->kind == GATEHOUSE_MYSQL_REAL) {
        bind->buffer_type = MYSQL_TYPE_DOUBLE;
        bind->buffer = &cell->real;
    } else if (is_temporal(field->type)) {
        bind->buffer_type = MYSQL_TYPE_DATETIME;
        bind->buffer = &cell->time;
    } else {
        if (!cell->buffer) {
            cell->buffer = malloc(FIRST_CAPACITY);
            if (!cell->buffer) return -1;
            cell->capacity = FIRST_CAPACITY;
        }
        bind->buffer_type = column->kind == GATEHOUSE_MYSQL_BYTES ? MYSQL_TYPE_BLOB : MYSQL_TYPE_STRING;
        bind->buffer = cell->buffer;
        bind->buffer_length = cell->capacity;
    }
    return 0;
}

void gatehouse_mysql_free_columns(struct gatehouse_mysql_statement *statement) {
    for (unsigned i = 0; i < statement->column_count; i++) free(statement->cells[i].buffer);
    free(statement->cells);
    free(statement->binds);
    free(statement->columns);
}

static int make_columns(struct gatehouse_mysql_statement *statement, unsigned count) {
    gatehouse_mysql_free_columns(statement);
    statement->cells = calloc(count, sizeof *statement->cells);
    statement->binds = calloc(count, sizeof *statement->binds);
    statement->columns = calloc(count, sizeof *statement->columns);
    statement->column_count = statement->cells && statement->binds && statement->columns ? count : 0;
    return statement->column_count ? 0 : -1;
}

static uint64_t hash(uint64_t hash, const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(1099511628211);
    return (hash ^ 0xff) * UINT64_C(1099511628211);
}

static void hash_names(struct gatehouse_mysql *connection, const MYSQL_FIELD *fields, unsigned count) {
    uint64_t names = UINT64_C(14695981039346656037);
    for (unsigned i = 0; i < count; i++)
        names = hash(names, fields[i].name, fields[i].name ? fields[i].name_length : 0);
    connection->names_hash = names;
}

int gatehouse_mysql_bind_columns(struct gatehouse_mysql *connection, struct gatehouse_mysql_statement *statement) {
    // The description that came with this result. That of the statement keeps the names of when it was prepared.
    const MYSQL_FIELD *fields = connection->mysql->fields;
    unsigned count = connection->mysql->field_count;
    if (!fields || count != gatehouse_mariadb.mysql_stmt_field_count(statement->handle)) {
        gatehouse_mysql_fail(connection, CR_MALFORMED_PACKET, "the server has sent a malformed result");
        return -1;
    }
    if (count != statement->column_count && make_columns(statement, count) != 0) {
        gatehouse_mysql_fail(connection, CR_OUT_OF_MEMORY, "no memory for a row");
        return -1;
    }
    for (unsigned i = 0; i < count; i++) {
        int kind = kind_of(&fields[i]);
        if (kind == 0) {
            gatehouse_mysql_fail(connection, CR_MALFORMED_PACKET, "the server has sent a column of an unknown type");
            return -1;
        }
        statement->columns[i].kind = (uint8_t)kind;
        if (bind_column(&statement->binds[i], &statement->cells[i], &statement->columns[i], &fields[i]) != 0) {
            gatehouse_mysql_fail(connection, CR_OUT_OF_MEMORY, "no memory for a row");
            return -1;
        }
    }
    if (gatehouse_mariadb.mysql_stmt_bind_result(statement->handle, statement->binds) != 0) {
        connection->outcome = GATEHOUSE_MYSQL_FAILED;
        return -1;
    }
    hash_names(connection, fields, count);
    connection->columns = statement->columns;
    connection->column_count = count;
    return 0;
}

/// Fetches a value that was longer than its buffer. -1 if there is no memory.
static int fetch_longer(struct gatehouse_mysql_statement *statement, unsigned index) {
    struct gatehouse_mysql_cell *cell = &statement->cells[index];
    MYSQL_BIND *bind = &statement->binds[index];
    // A quarter more, so that rows that are a bit longer each do not all come here.
    unsigned long capacity = cell->length + cell->length / 4 + 1;
    char *buffer = malloc(capacity);
    if (!buffer) return -1;
    free(cell->buffer);
    bind->buffer = cell->buffer = buffer;
    bind->buffer_length = cell->capacity = capacity;
    MYSQL_BIND whole = *bind;
    return gatehouse_mariadb.mysql_stmt_fetch_column(statement->handle, &whole, index, 0) == 0 ? 0 : -1;
}

static void show(struct gatehouse_mysql_cell *cell, struct gatehouse_mysql_column *column) {
    column->is_null = cell->is_null != 0 || cell->type == MYSQL_TYPE_NULL;
    if (column->is_null) return;
    if (cell->type == MYSQL_TYPE_BIT) {
        uint64_t bits = 0;
        for (unsigned long i = 0; i < cell->length && i < 8; i++) bits = bits << 8 | (unsigned char)cell->written[i];
        column->integer = (int64_t)bits;
    } else if (is_temporal(cell->type)) {
        column->bytes = cell->written;
        column->length = gatehouse_mysql_write_time(cell->written, &cell->time, cell->type, cell->decimals);
    } else {
        column->integer = cell->integer;
        column->real = cell->real;
        column->bytes = cell->buffer;
        column->length = cell->length;
    }
}

int gatehouse_mysql_complete_row(struct gatehouse_mysql *connection, struct gatehouse_mysql_statement *statement) {
    int has_grown = 0;
    for (unsigned i = 0; i < statement->column_count; i++) {
        struct gatehouse_mysql_cell *cell = &statement->cells[i];
        int is_bytes = statement->columns[i].kind == GATEHOUSE_MYSQL_TEXT
            || statement->columns[i].kind == GATEHOUSE_MYSQL_BYTES;
        if (is_bytes && !is_temporal(cell->type) && !cell->is_null && cell->length > cell->capacity) {
            if (fetch_longer(statement, i) != 0) {
                gatehouse_mysql_fail(connection, CR_OUT_OF_MEMORY, "no memory for a value of a row");
                return -1;
            }
            has_grown = 1;
        }
        show(cell, &statement->columns[i]);
    }
    // Afterwards only: it would forget where the values of this row are.
    if (has_grown) gatehouse_mariadb.mysql_stmt_bind_result(statement->handle, statement->binds);
    return 0;
}

int gatehouse_mysql_begin_text(struct gatehouse_mysql *connection) {
    connection->result = gatehouse_mariadb.mysql_use_result(connection->mysql);
    unsigned count = connection->result ? connection->result->field_count : 0;
    free(connection->text_columns);
    connection->text_columns = count ? calloc(count, sizeof *connection->text_columns) : NULL;
    if (!connection->text_columns) {
        gatehouse_mysql_fail(connection, CR_OUT_OF_MEMORY, "no memory for a result");
        return -1;
    }
    for (unsigned i = 0; i < count; i++) {
        int kind = kind_of(&connection->result->fields[i]);
        int is_bytes = kind == GATEHOUSE_MYSQL_BYTES || connection->result->fields[i].type == MYSQL_TYPE_BIT;
        connection->text_columns[i].kind = is_bytes ? GATEHOUSE_MYSQL_BYTES : GATEHOUSE_MYSQL_TEXT;
    }
    hash_names(connection, connection->result->fields, count);
    connection->columns = connection->text_columns;
    connection->column_count = count;
    return 0;
}

void gatehouse_mysql_show_text(struct gatehouse_mysql *connection) {
    const unsigned long *lengths = gatehouse_mariadb.mysql_fetch_lengths(connection->result);
    for (unsigned i = 0; i < connection->column_count; i++) {
        struct gatehouse_mysql_column *column = &connection->text_columns[i];
        column->is_null = connection->row[i] == NULL || !lengths;
        column->bytes = connection->row[i];
        column->length = column->is_null ? 0 : lengths[i];
    }
}

static char *write_digits(char *end, unsigned value, int width) {
    char digits[10];
    int count = 0;
    do digits[count++] = (char)('0' + value % 10);
    while ((value /= 10) != 0);
    while (width-- > count) *end++ = '0';
    while (count > 0) *end++ = digits[--count];
    return end;
}

size_t gatehouse_mysql_write_time(
    char text[64], const MYSQL_TIME *time, enum enum_field_types type, unsigned decimals) {
    char *end = text;
    if (type == MYSQL_TYPE_TIME) {
        if (time->neg) *end++ = '-';
    } else {
        end = write_digits(end, time->year, 4);
        *end++ = '-';
        end = write_digits(end, time->month, 2);
        *end++ = '-';
        end = write_digits(end, time->day, 2);
        if (type == MYSQL_TYPE_DATE) return (size_t)(end - text);
        *end++ = ' ';
    }
    end = write_digits(end, time->hour, 2);
    *end++ = ':';
    end = write_digits(end, time->minute, 2);
    *end++ = ':';
    end = write_digits(end, time->second, 2);
    if (decimals == 0) return (size_t)(end - text);
    *end++ = '.';
    // A server's fraction has six digits at most.
    write_digits(end, (unsigned)(time->second_part % 1000000), 6);
    return (size_t)(end - text) + (decimals > 6 ? 6 : decimals);
}
