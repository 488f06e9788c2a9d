#include "shim.h"

/* ---- strings ---- */

zend_string *hf_string(const char *bytes, size_t len)
{
	return len == 0 ? ZSTR_EMPTY_ALLOC()
		: len == 1 ? ZSTR_CHAR((zend_uchar) *bytes)
		: zend_string_init(bytes, len, 0);
}

/* An interned string of these bytes when the engine has one, else a new string. Array keys are mostly literals of the
 * running code, whose hash is known. */
zend_string *hf_key(const char *bytes, size_t len)
{
	return len <= 1 ? hf_string(bytes, len) : zend_string_init_existing_interned(bytes, len, 0);
}

zend_string *hf_string_addref(zend_string *string)
{
	return zend_string_copy(string);
}

void hf_string_release(zend_string *string)
{
	zend_string_release(string);
}

/* The string of any value that PHP itself would turn into an array key or a string; NULL with an exception else. */
zend_string *hf_to_string(zval *value)
{
	return zval_try_get_string(value);
}

/* The text for HTML, where it may stand between tags and in a quoted attribute; what is not UTF-8 is replaced. */
zend_string *hf_escape_html(zend_string *text)
{
	return php_escape_html_entities_ex((const unsigned char *) ZSTR_VAL(text), ZSTR_LEN(text), 0,
		ENT_QUOTES | ENT_HTML_SUBSTITUTE_ERRORS, "UTF-8", 1, 1);
}

/* What print_r() prints. Runs code of the application where there are objects; an exception may be pending then. */
zend_string *hf_print_r(zval *value)
{
	return zend_print_zval_r_to_str(value, 0);
}

/* ---- arrays ---- */

zend_array *hf_array(uint32_t size)
{
	return zend_new_array(size);
}

void hf_array_addref(zend_array *array)
{
	if (!(GC_FLAGS(array) & GC_IMMUTABLE)) {
		GC_ADDREF(array);
	}
}

void hf_array_release(zend_array *array)
{
	zend_array_release(array);
}

bool hf_array_is_list(const zend_array *array)
{
	return zend_array_is_list((zend_array *) array);
}

/* The entry at or after *position, which is moved behind it; false at the end. A string key is returned in *key, an
 * integer key in *index with *key NULL. *value is never undefined nor indirect. */
bool hf_array_next(const zend_array *array, uint32_t *position, zend_ulong *index, zend_string **key, zval **value)
{
	for (uint32_t at = *position; at < array->nNumUsed; at++) {
		zval *found;
#if PHP_VERSION_ID >= 80200
		if (HT_FLAGS(array) & HASH_FLAG_PACKED) {
			found = array->arPacked + at;
			*index = at;
			*key = NULL;
		} else
#endif
		{
			Bucket *bucket = array->arData + at;
			found = &bucket->val;
			*index = bucket->h;
			*key = bucket->key;
		}
		if (Z_TYPE_P(found) == IS_INDIRECT) {
			found = Z_INDIRECT_P(found);
		}
		if (Z_TYPE_P(found) != IS_UNDEF) {
			*position = at + 1;
			*value = found;
			return true;
		}
	}
	*position = array->nNumUsed;
	return false;
}

/* Takes the value over and gives its place; NULL when the largest integer key is in use. */
zval *hf_array_append(zend_array *array, zval *value)
{
	return zend_hash_next_index_insert(array, value);
}

zend_array *hf_array_dup(zend_array *array)
{
	return zend_array_dup(array);
}

/* A PHP array key: "12" is the integer 12. */
zval *hf_symtable_find(zend_array *array, zend_string *key)
{
	return zend_symtable_find(array, key);
}

/* Takes the value over. */
zval *hf_symtable_update(zend_array *array, zend_string *key, zval *value)
{
	return zend_symtable_update(array, key, value);
}

/* Moves the value out of the array and deletes the entry, so that no destructor runs while the array changes. */
bool hf_symtable_take(zend_array *array, zend_string *key, zval *value)
{
	zval *found = zend_symtable_find(array, key);

	if (found == NULL) {
		return false;
	}
	ZVAL_COPY_VALUE(value, found);
	ZVAL_NULL(found);
	zend_symtable_del(array, key);
	return true;
}

/* Makes the array in *value the caller's own, so that it may be written to. */
zend_array *hf_separate_array(zval *value)
{
	SEPARATE_ARRAY(value);
	return Z_ARRVAL_P(value);
}

/* ---- values ---- */

void hf_copy(zval *to, const zval *from)
{
	ZVAL_COPY(to, from);
}

/* A copy of what a reference refers to. */
void hf_copy_deref(zval *to, zval *from)
{
	ZVAL_COPY_DEREF(to, from);
}

/* Turns *slot into a reference in place, so that PHP code may be handed a pointer to it. */
void hf_make_ref(zval *slot)
{
	ZVAL_MAKE_REF(slot);
}

bool hf_is_true(zval *value)
{
	return zend_is_true(value);
}

/* ---- PHP's own serialize format ---- */

void *hf_serialize_begin(void)
{
	return php_var_serialize_init();
}

/* One value, in the numbering of all that was serialized since hf_serialize_begin. NULL with an exception when the
 * value or something in it refuses. */
zend_string *hf_serialize(void *context, zval *value)
{
	smart_str buffer = {0};
	php_serialize_data_t data = context;

	php_var_serialize(&buffer, value, &data);
	if (EG(exception)) {
		smart_str_free(&buffer);
		return NULL;
	}
	return smart_str_extract(&buffer);
}

void hf_serialize_end(void *context)
{
	php_var_serialize_destroy((php_serialize_data_t) context);
}

/* False when the bytes are not one whole value, or with an exception. *value is then undefined. */
bool hf_unserialize(zval *value, const char *bytes, size_t len)
{
	const unsigned char *at = (const unsigned char *) bytes;
	const unsigned char *end = at + len;
	php_unserialize_data_t context = php_var_unserialize_init();
	zval *root = var_tmp_var(&context);
	bool whole = php_var_unserialize(root, &at, end, &context) && at == end;

	if (whole) {
		ZVAL_COPY(value, root);
	} else {
		ZVAL_UNDEF(value);
	}
	php_var_unserialize_destroy(context);
	if (EG(exception)) {
		if (whole) {
			zval_ptr_dtor(value);
			ZVAL_UNDEF(value);
		}
		return false;
	}
	return whole;
}

/* ---- classes and objects ---- */

void *hf_object_alloc(size_t size, zend_class_entry *class)
{
	return zend_object_alloc(size, class);
}

/* A new object of a class with the standard handlers; its constructor is not called. */
bool hf_new_object(zval *result, zend_class_entry *class)
{
	return object_init_ex(result, class) == SUCCESS;
}

/* Declares a public readonly property without a default; `type` is IS_STRING or IS_LONG. The first one of a class without
 * a parent has the number 0. */
void hf_declare_readonly(zend_class_entry *class, const char *name, size_t len, uint8_t type)
{
	zend_string *property = zend_string_init(name, len, 1);
	zval none;

	ZVAL_UNDEF(&none);
	zend_declare_typed_property(class, property, &none, ZEND_ACC_PUBLIC | ZEND_ACC_READONLY, NULL,
		(zend_type) ZEND_TYPE_INIT_CODE(type, 0, 0));
	zend_string_release(property);
}

/* The place of a declared property; undefined until it is set. */
zval *hf_declared_property(zend_object *object, uint32_t number)
{
	return OBJ_PROP_NUM(object, number);
}

zend_class_entry *hf_ce_json_serializable(void) { return php_json_serializable_ce; }
zend_class_entry *hf_ce_invalid_argument(void) { return spl_ce_InvalidArgumentException; }
zend_class_entry *hf_ce_logic(void) { return spl_ce_LogicException; }
zend_class_entry *hf_ce_runtime(void) { return spl_ce_RuntimeException; }
zend_class_entry *hf_ce_closure(void) { return zend_ce_closure; }

bool hf_class_alias(const char *name, size_t len, zend_class_entry *class)
{
	return zend_register_class_alias_ex(name, len, class, 1) == SUCCESS;
}

bool hf_instanceof(zend_class_entry *class, zend_class_entry *wanted)
{
	return instanceof_function(class, wanted);
}

bool hf_has_declared_property(zend_class_entry *class, zend_string *name)
{
	return zend_hash_exists(&class->properties_info, name);
}

zval *hf_std_read_dimension(zend_object *object, zval *offset, int access, zval *result)
{
	return zend_std_read_dimension(object, offset, access, result);
}

/* An iterator over a copy of an array: takes the array over. */
bool hf_array_iterator(zval *result, zval *array)
{
	if (object_init_ex(result, spl_ce_ArrayIterator) != SUCCESS) {
		zval_ptr_dtor(array);
		return false;
	}
	zend_call_known_instance_method_with_1_params(spl_ce_ArrayIterator->constructor, Z_OBJ_P(result), NULL, array);
	zval_ptr_dtor(array);
	return EG(exception) == NULL;
}

int hf_compare(zval *one, zval *other)
{
	return zend_compare(one, other);
}

/* ---- the request ---- */

/* The Cookie header as it came; NULL when there was none. */
const char *hf_cookie_header(void)
{
	return SG(request_info).cookie_data;
}

/* Is this a request of HTTP, and not a script on a command line, which has no cookies? */
bool hf_is_http(void)
{
	return SG(request_info).request_method != NULL;
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

/* The method of the request; NULL on a command line. */
const char *hf_request_method(void)
{
	return SG(request_info).request_method;
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

/* Has the running script used up its time? */
bool hf_timed_out(void)
{
#if PHP_VERSION_ID >= 80200
	return zend_atomic_bool_load(&EG(timed_out));
#else
	return EG(timed_out);
#endif
}

/* ---- settings ---- */

extern bool holdfast_setting_is_valid(const char *name, size_t name_len, const char *value, size_t value_len);

static ZEND_INI_MH(hf_on_change)
{
	const char *value = new_value ? ZSTR_VAL(new_value) : "";
	size_t len = new_value ? ZSTR_LEN(new_value) : 0;

	return holdfast_setting_is_valid(ZSTR_VAL(entry->name), ZSTR_LEN(entry->name), value, len) ? SUCCESS : FAILURE;
}

PHP_INI_BEGIN()
	PHP_INI_ENTRY("holdfast.store", "", PHP_INI_SYSTEM, hf_on_change)
	PHP_INI_ENTRY("holdfast.global_class", "1", PHP_INI_SYSTEM, hf_on_change)
	PHP_INI_ENTRY("holdfast.audit", "", PHP_INI_SYSTEM, hf_on_change)
	PHP_INI_ENTRY("holdfast.auto_start", "0", PHP_INI_PERDIR, hf_on_change)
	PHP_INI_ENTRY("holdfast.cookie_name", "holdfast", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.cookie_path", "/", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.cookie_domain", "", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.cookie_secure", "auto", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.cookie_httponly", "1", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.cookie_samesite", "Lax", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.cookie_lifetime", "0", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.cookie_host_prefix", "0", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.lifetime", "86400", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.member_lifetime", "0", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.absolute_lifetime", "0", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.rotation_grace", "30", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.regenerate_grace", "0", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.renewal_interval", "0", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.locking", "auto", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.lock_wait", "10", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.redirect_hosts", "", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.history", "0", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.throttle", "1", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.challenge", "1", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.fingerprint", "8", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.sessions_per_user", "0", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.sessions_per_user_policy", "oldest", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.csrf_origins", "", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.trusted_proxies", "", PHP_INI_SYSTEM, hf_on_change)
PHP_INI_END()

void hf_register_settings(int module_number)
{
	zend_register_ini_entries(ini_entries, module_number);
}

void hf_unregister_settings(int module_number)
{
	zend_unregister_ini_entries(module_number);
}

/* The text of a setting that exists; never NULL. */
const char *hf_setting(const char *name, size_t len, size_t *value_len)
{
	bool exists;
	const char *value = zend_ini_string_ex((char *) name, len, 0, &exists);

	*value_len = value == NULL ? 0 : strlen(value);
	return value == NULL ? "" : value;
}

/* ---- phpinfo ---- */

void hf_info_begin(void) { php_info_print_table_start(); }
void hf_info_row(const char *name, const char *value) { php_info_print_table_row(2, name, value); }
void hf_info_end(void) { php_info_print_table_end(); }
void hf_info_settings(zend_module_entry *module) { display_ini_entries(module); }
