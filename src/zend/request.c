#include "shim.h"

/* What the running request says and is answered: variables, headers, exceptions, its end. */

extern bool hf_is_over(void);

/* The Cookie header as it came; NULL when there was none, or no request is running. */
const char *hf_cookie_header(void)
{
	return hf_is_over() ? NULL : SG(request_info).cookie_data;
}

/* The method of the request; NULL on a command line, and when no request is running. */
const char *hf_request_method(void)
{
	return hf_is_over() ? NULL : SG(request_info).request_method;
}

/* Is this a request of HTTP, and not a script on a command line, which has no cookies? */
bool hf_is_http(void)
{
	return hf_request_method() != NULL;
}

bool hf_headers_sent(const char **file, int *line)
{
	*file = php_output_get_start_filename();
	*line = php_output_get_start_lineno();
	return SG(headers_sent) && !SG(request_info).no_headers;
}

bool hf_add_header(const char *line, size_t len)
{
	sapi_header_line header = {0};

	header.line = (char *) line;
	header.line_len = len;
	return sapi_header_op(SAPI_HEADER_ADD, &header) == SUCCESS;
}

/* Sets the status and replaces every header line of the same name. */
bool hf_replace_header(const char *line, size_t len, int status)
{
	sapi_header_line header = {0};

	header.line = (char *) line;
	header.line_len = len;
	header.response_code = status;
	return sapi_header_op(SAPI_HEADER_REPLACE, &header) == SUCCESS;
}

static int hf_has_prefix(void *element, void *prefix)
{
	sapi_header_struct *header = element;
	zend_string *wanted = prefix;

	return header->header_len >= ZSTR_LEN(wanted)
		&& strncasecmp(header->header, ZSTR_VAL(wanted), ZSTR_LEN(wanted)) == 0;
}

bool hf_has_header(const char *prefix, size_t len)
{
	zend_llist_position position;
	sapi_header_struct *header = zend_llist_get_first_ex(&SG(sapi_headers).headers, &position);

	for (; header != NULL; header = zend_llist_get_next_ex(&SG(sapi_headers).headers, &position)) {
		if (header->header_len >= len && strncasecmp(header->header, prefix, len) == 0) {
			return true;
		}
	}
	return false;
}

/* Takes back every header line that begins with `prefix` and is not sent yet. */
void hf_remove_headers(const char *prefix, size_t len)
{
	zend_string *wanted = zend_string_init(prefix, len, 0);
	zend_llist *headers = &SG(sapi_headers).headers;
	size_t before;

	do {
		before = headers->count;
		zend_llist_del_element(headers, wanted, hf_has_prefix);
	} while (headers->count < before);
	zend_string_release(wanted);
}

/* A variable of $_SERVER; NULL when it is absent or no string. */
zend_string *hf_server_variable(const char *name, size_t len)
{
	zval *server;
	zval *value;

	zend_is_auto_global(ZSTR_KNOWN(ZEND_STR_AUTOGLOBAL_SERVER));
	server = &PG(http_globals)[TRACK_VARS_SERVER];
	if (Z_TYPE_P(server) != IS_ARRAY) {
		return NULL;
	}
	value = zend_hash_str_find(Z_ARRVAL_P(server), name, len);
	return value != NULL && Z_TYPE_P(value) == IS_STRING ? Z_STR_P(value) : NULL;
}

/* A field of the posted form as it came, whatever the script has made of $_POST; NULL when it is absent or no string. */
zend_string *hf_post_field(const char *name, size_t len)
{
	zval *post = &PG(http_globals)[TRACK_VARS_POST];
	zval *value;

	if (Z_TYPE_P(post) != IS_ARRAY) {
		return NULL;
	}
	value = zend_hash_str_find(Z_ARRVAL_P(post), name, len);
	if (value == NULL) {
		return NULL;
	}
	ZVAL_DEREF(value);
	return Z_TYPE_P(value) == IS_STRING ? Z_STR_P(value) : NULL;
}

/* Has the query a field of this name, as it came? */
bool hf_has_query_field(const char *name, size_t len)
{
	zval *query = &PG(http_globals)[TRACK_VARS_GET];

	return Z_TYPE_P(query) == IS_ARRAY && zend_hash_str_exists(Z_ARRVAL_P(query), name, len);
}

/* Takes the value over. */
void hf_set_global(const char *name, size_t len, zval *value)
{
	zend_hash_str_update(&EG(symbol_table), name, len, value);
}

bool hf_exception_pending(void)
{
	return EG(exception) != NULL;
}

/* Sets the pending exception aside, so that code can run as if there were none. */
zend_object *hf_take_exception(void)
{
	zend_object *exception = EG(exception);

	if (exception != NULL) {
		GC_ADDREF(exception);
		zend_clear_exception();
	}
	return exception;
}

/* The class name and message of an exception: "Exception: Serialization of 'Closure' is not allowed". */
zend_string *hf_exception_text(zend_object *exception)
{
	zval rv;
	zval *message = zend_read_property(zend_get_exception_base(exception), exception, "message", 7, 1, &rv);

	return zend_strpprintf(0, "%s: %s", ZSTR_VAL(exception->ce->name),
		Z_TYPE_P(message) == IS_STRING ? Z_STRVAL_P(message) : "");
}

void hf_object_release(zend_object *object)
{
	OBJ_RELEASE(object);
}

bool hf_is_unwind_exit(zend_object *exception)
{
	return zend_is_unwind_exit(exception);
}

void hf_throw(zend_class_entry *class, const char *message, size_t len)
{
	zend_throw_exception_ex(class, 0, "%.*s", (int) len, message);
}

void hf_warning(const char *message)
{
	php_error_docref(NULL, E_WARNING, "%s", message);
}

void hf_core_warning(const char *message)
{
	php_error_docref(NULL, E_CORE_WARNING, "%s", message);
}

void hf_rethrow(zend_object *exception)
{
	zval value;

	ZVAL_OBJ(&value, exception);
	zend_throw_exception_object(&value);
}

/* Runs `body` as if called by a function. PHP has no frame left when a request shuts down, and turns every exception
 * that is thrown without one into a fatal error at once. */
void hf_in_frame(void (*body)(void *), void *data)
{
	zend_execute_data frame;

	if (EG(current_execute_data) != NULL) {
		body(data);
		return;
	}
	memset(&frame, 0, sizeof frame);
	frame.func = (zend_function *) &zend_pass_function;
	EG(current_execute_data) = &frame;
	body(data);
	EG(current_execute_data) = NULL;
}

/* Ends the script as exit(0) does, as soon as the caller has returned to PHP. No exception is pending. */
void hf_exit(void)
{
	EG(exit_status) = 0;
	zend_throw_unwind_exit();
}

/* Has PHP ended the script before its end: by a fatal error, an exception that nobody caught, a time limit, or because the
 * visitor has gone? exit(255) looks the same. */
bool hf_ended_early(void)
{
	return EG(exit_status) == 255 || PG(connection_status) != PHP_CONNECTION_NORMAL;
}

/* Has the running script used up its time? */
bool hf_timed_out(void)
{
#if PHP_VERSION_ID >= 80200
	return zend_atomic_bool_load(&EG(timed_out));
#else
	return EG(timed_out);
#endif
}
