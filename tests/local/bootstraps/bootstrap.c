/* A custom runtime in C without any library: it answers with the event that it got, in an object.
 *
 * An event that is the text "crash" makes it end by a signal; "refuse" is answered with an error.
 */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static FILE *in, *out;

static void give_up(const char *what) {
  perror(what);
  exit(2);
}

static void connect_to(char *address) {
  char *port = strrchr(address, ':');
  *port++ = '\0';
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
  if (getaddrinfo(address, port, &hints, &found) != 0) give_up("getaddrinfo");
  int s = socket(found->ai_family, found->ai_socktype, found->ai_protocol);
  if (s < 0 || connect(s, found->ai_addr, found->ai_addrlen) != 0) give_up("connect");
  in = fdopen(s, "r");
  out = fdopen(dup(s), "w");
}

/* One call; returns the body, and the request's id where the answer has one. */
static char *call(const char *method, const char *path, const char *body, size_t size, char *id, size_t *length) {
  fprintf(out, "%s /2018-06-01/runtime/%s HTTP/1.1\r\nHost: lambda\r\nContent-Length: %zu\r\n\r\n", method, path, size);
  fwrite(body, 1, size, out);
  fflush(out);
  char line[4096];
  *length = 0;
  while (fgets(line, sizeof line, in) && strcmp(line, "\r\n") != 0) {
    if (strncasecmp(line, "Content-Length:", 15) == 0) *length = strtoul(line + 15, NULL, 10);
    if (id && strncasecmp(line, "Lambda-Runtime-Aws-Request-Id:", 30) == 0) sscanf(line + 30, " %63s", id);
  }
  if (feof(in)) give_up("the Runtime API has closed the connection");
  char *answer = malloc(*length + 1);
  if (fread(answer, 1, *length, in) != *length) give_up("fread");
  answer[*length] = '\0';
  return answer;
}

int main(void) {
  connect_to(strdup(getenv("AWS_LAMBDA_RUNTIME_API")));
  printf("C serves %s\n", getenv("_HANDLER"));
  fflush(stdout);
  for (;;) {
    char id[64] = "", path[128];
    size_t length, ignored;
    char *event = call("GET", "invocation/next", "", 0, id, &length);
    if (strcmp(event, "\"crash\"") == 0) abort();
    if (strcmp(event, "\"refuse\"") == 0) {
      const char *error = "{\"errorType\": \"Refused\", \"errorMessage\": \"not this one\"}";
      snprintf(path, sizeof path, "invocation/%s/error", id);
      free(call("POST", path, error, strlen(error), NULL, &ignored));
    } else {
      char *body = malloc(length + 16);
      int size = sprintf(body, "{\"echo\": %s}", event);
      snprintf(path, sizeof path, "invocation/%s/response", id);
      free(call("POST", path, body, (size_t)size, NULL, &ignored));
      free(body);
    }
    free(event);
  }
}
