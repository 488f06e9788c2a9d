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

/* Where the entries of an array stand. True: as buckets; false: as values alone, whose keys are their places. */
bool hf_array_items(const zend_array *array, const zval **at, const zval **end)
{
#if PHP_VERSION_ID >= 80200
	if (HT_FLAGS(array) & HASH_FLAG_PACKED) {
		*at = array->arPacked;
		*end = array->arPacked + array->nNumUsed;
		return false;
	}
#endif
	*at = (const zval *) array->arData;
	*end = (const zval *) (array->arData + array->nNumUsed);
	return true;
}

extern void hf_is_sealed(zval *value);

/* Is there nothing in an array but scalars, strings, and such arrays, at most so many levels of them? */
bool hf_array_is_plain(const zend_array *array, uint32_t levels)
{
	const zval *at, *end;
	size_t step = hf_array_items(array, &at, &end) ? sizeof(Bucket) : sizeof(zval);

	if (array->pDestructor == hf_is_sealed) {
		return true;
	}
	if (levels == 0) {
		return false;
	}
	for (; at < end; at = (const zval *) ((const char *) at + step)) {
		if (Z_TYPE_P(at) > IS_STRING
			&& (Z_TYPE_P(at) != IS_ARRAY || !hf_array_is_plain(Z_ARRVAL_P(at), levels - 1))) {
			return false;
		}
	}
	return true;
}

/* Takes the value over and gives its place; NULL when the largest integer key is in use. */
zval *hf_array_append(zend_array *array, zval *value)
{
	return zend_hash_next_index_insert(array, value);
}

static const zval *hf_entry(const zend_array *array, uint32_t at, const Bucket **bucket)
{
	*bucket = NULL;
#if PHP_VERSION_ID >= 80200
	if (HT_FLAGS(array) & HASH_FLAG_PACKED) {
		return array->arPacked + at;
	}
#endif
	*bucket = array->arData + at;
	return &(*bucket)->val;
}

/* Does `array` hold the very things that `original` holds, at the same places? False also for many that are equal. */
bool hf_array_is_copy(const zend_array *original, const zend_array *array)
{
	if (array->nNumUsed != original->nNumUsed
		|| (HT_FLAGS(array) & HASH_FLAG_PACKED) != (HT_FLAGS(original) & HASH_FLAG_PACKED)) {
		return false;
	}
	for (uint32_t at = 0; at < original->nNumUsed; at++) {
		const Bucket *bucket, *other_bucket;
		const zval *value = hf_entry(original, at, &bucket);
		const zval *other = hf_entry(array, at, &other_bucket);

		if (Z_TYPE_INFO_P(value) != Z_TYPE_INFO_P(other)
			|| (Z_TYPE_P(value) > IS_TRUE && Z_LVAL_P(value) != Z_LVAL_P(other))
			|| (bucket != NULL && (bucket->h != other_bucket->h || bucket->key != other_bucket->key))) {
			return false;
		}
	}
	return true;
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

/* Moves the value out of the array, which has no indirect entries, and deletes the entry, so that no destructor runs while
 * the array changes. */
bool hf_symtable_take(zend_array *array, zend_string *key, zval *value)
{
	zval *found = zend_symtable_find(array, key);

	if (found == NULL) {
		return false;
	}
	ZVAL_COPY_VALUE(value, found);
	ZVAL_NULL(found);
	if (HT_FLAGS(array) & HASH_FLAG_PACKED) {
		zend_symtable_del(array, key);
	} else {
		zend_hash_del_bucket(array, (Bucket *) found);
	}
	return true;
}

/* Makes the array in *value the caller's own, so that it may be written to. */
zend_array *hf_separate_array(zval *value)
{
	SEPARATE_ARRAY(value);
	return Z_ARRVAL_P(value);
}

/* ---- values ---- */

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
