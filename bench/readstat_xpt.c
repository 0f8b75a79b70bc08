/* The peer of src/formats/xpt_bench.cpp: the same rows through ReadStat. Usage: readstat_xpt FILE ROWS */
#include <fcntl.h>
#include <readstat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { text_columns = 12, columns = 20 };
static double sum;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}
static ssize_t write_bytes(const void *data, size_t len, void *ctx) { return write(*(int *)ctx, data, len); }
static int take(int row, readstat_variable_t *variable, readstat_value_t value, void *ctx) {
  (void)row, (void)variable, (void)ctx;
  if (readstat_value_type(value) == READSTAT_TYPE_STRING)
    sum += (double)strlen(readstat_string_value(value));
  else
    sum += readstat_double_value(value);
  return READSTAT_HANDLER_OK;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  const long rows = atol(argv[2]);
  int fd = open(argv[1], O_CREAT | O_TRUNC | O_WRONLY, 0644);
  double start = now();
  readstat_writer_t *writer = readstat_writer_init();
  readstat_set_data_writer(writer, write_bytes);
  readstat_writer_set_file_format_version(writer, 5);
  readstat_writer_set_table_name(writer, "LB");
  readstat_variable_t *variables[columns];
  for (int c = 0; c < columns; ++c) {
    char name[16];
    snprintf(name, sizeof name, "COL%d", c);
    variables[c] = readstat_add_variable(writer, name, c < text_columns ? READSTAT_TYPE_STRING : READSTAT_TYPE_DOUBLE,
                                         c < text_columns ? 16 : 8);
  }
  readstat_begin_writing_xport(writer, &fd, rows);
  for (long row = 0; row < rows; ++row) {
    readstat_begin_row(writer);
    for (int c = 0; c < columns; ++c) {
      if (c < text_columns)
        readstat_insert_string_value(writer, variables[c], "STUDY01-001-1234");
      else
        readstat_insert_double_value(writer, variables[c], (double)row * 0.37 + c);
    }
    readstat_end_row(writer);
  }
  readstat_end_writing(writer);
  readstat_writer_free(writer);
  close(fd);
  printf("ReadStat write %.0f rows/s\n", (double)rows / (now() - start));
  start = now();
  readstat_parser_t *parser = readstat_parser_init();
  readstat_set_value_handler(parser, take);
  if (readstat_parse_xport(parser, argv[1], NULL) != READSTAT_OK) return 1;
  readstat_parser_free(parser);
  printf("ReadStat read %.0f rows/s\n", (double)rows / (now() - start));
  return sum == 0;
}
