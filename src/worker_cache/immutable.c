/*
 * PHP arrays as immutable copies in memory that is not PHP's. What a copy looks like to the engine: an array literal
 * whose strings are interned in the running request. So PHP counts no references in it and copies it before it writes.
 *
 * Strings must not look as permanent as OPcache's: PCRE keeps permanent strings as keys of its cache across requests, and
 * these go when their node does.
 */
#include "../zend/shim.h"
#include <sys/mman.h>

#define HF_ALIGNED(size) (((size) + 7) & ~(size_t) 7)
/* A power of two: keys that were met last are written once for all the arrays of a node. */
#define HF_KEYS 32

typedef struct {
	/* Where the next byte goes; NULL while the size is measured. */
	char *to;
	size_t size;
	/* Levels of arrays, without those that were copied before. */
	uint32_t height;
	bool failed;
	void *context;
	const zend_string *from[HF_KEYS];
	zend_string *key[HF_KEYS];
} hf_copy_state;

/* The copy of an array that stands directly in the one that is copied; NULL when there is none yet. */
extern zend_array *holdfast_sealed(const zend_array *array, void *context);

/* Never called: copies are known by it. */
void hf_is_sealed(zval *value)
{
	(void) value;
}

/* An array inside of a copy that is no node of its own. Never called. */
static void hf_is_inline(zval *value)
{
	(void) value;
}

static char *hf_take(hf_copy_state *state, size_t size)
{
	char *at = state->to;

	size = HF_ALIGNED(size);
	state->size += size;
	if (at != NULL) {
		state->to += size;
	}
	return at;
}

static zend_string *hf_copy_string(hf_copy_state *state, zend_string *string)
{
	size_t len = ZSTR_LEN(string);
	zend_string *copy;

	if (len == 0) {
		return ZSTR_EMPTY_ALLOC();
	}
	if (len == 1) {
		return ZSTR_CHAR((zend_uchar) ZSTR_VAL(string)[0]);
	}
	copy = (zend_string *) hf_take(state, _ZSTR_STRUCT_SIZE(len));
	if (copy == NULL) {
		return string;
	}
	/* Never 1: PHP would take it for its own to change. */
	GC_SET_REFCOUNT(copy, 2);
	GC_TYPE_INFO(copy) = GC_STRING | (IS_STR_INTERNED << GC_FLAGS_SHIFT);
	/* PHP writes the hash of a string that has none. */
	ZSTR_H(copy) = zend_string_hash_val(string);
	ZSTR_LEN(copy) = len;
	memcpy(ZSTR_VAL(copy), ZSTR_VAL(string), len + 1);
	return copy;
}

static zend_string *hf_copy_key(hf_copy_state *state, zend_string *key)
{
	uint32_t slot = (uint32_t) (((uintptr_t) key >> 3) ^ ((uintptr_t) key >> 9)) & (HF_KEYS - 1);

	if (state->from[slot] != key) {
		state->from[slot] = key;
		state->key[slot] = hf_copy_string(state, key);
	}
	return state->key[slot];
}

static zend_array *hf_copy_array(hf_copy_state *state, const zend_array *array, uint32_t level);

/* Type and value, not what a bucket keeps beside them. */
static void hf_copy_value(hf_copy_state *state, zval *to, zval *from, uint32_t level)
{
	zend_array *array;

	if (Z_TYPE_P(from) == IS_INDIRECT) {
		from = Z_INDIRECT_P(from);
	}
	/* Nobody but the script has the reference: whoever knows of others does not ask for a copy. */
	ZVAL_DEREF(from);
	switch (Z_TYPE_P(from)) {
		case IS_UNDEF:
		case IS_NULL:
		case IS_FALSE:
		case IS_TRUE:
		case IS_LONG:
		case IS_DOUBLE:
			ZVAL_COPY_VALUE(to, from);
			break;
		case IS_STRING:
			ZVAL_INTERNED_STR(to, hf_copy_string(state, Z_STR_P(from)));
			break;
		case IS_ARRAY:
			if (zend_hash_num_elements(Z_ARRVAL_P(from)) == 0) {
				ZVAL_EMPTY_ARRAY(to);
				break;
			}
			array = level == 1 ? holdfast_sealed(Z_ARRVAL_P(from), state->context) : NULL;
			if (array == NULL) {
				array = hf_copy_array(state, Z_ARRVAL_P(from), level + 1);
			}
			Z_ARR_P(to) = array;
			Z_TYPE_INFO_P(to) = IS_ARRAY;
			break;
		default:
			state->failed = true;
	}
}

static uint32_t hf_table_size(uint32_t used)
{
	uint32_t size = HT_MIN_SIZE;

	while (size < used) {
		size += size;
	}
	return size;
}

/* The entry at a place of any table. */
static zval *hf_at(const zend_array *array, uint32_t at, zend_ulong *index, zend_string **key)
{
	Bucket *bucket;

#if PHP_VERSION_ID >= 80200
	if (HT_FLAGS(array) & HASH_FLAG_PACKED) {
		*index = at;
		*key = NULL;
		return array->arPacked + at;
	}
#endif
	bucket = array->arData + at;
	*index = bucket->h;
	*key = bucket->key;
	return &bucket->val;
}

static zend_array *hf_copy_array(hf_copy_state *state, const zend_array *array, uint32_t level)
{
	bool packed = (HT_FLAGS(array) & HASH_FLAG_PACKED) != 0;
	uint32_t used = packed ? array->nNumUsed : array->nNumOfElements;
	uint32_t size = hf_table_size(used);
	uint32_t mask = packed ? HT_MIN_MASK : HT_SIZE_TO_MASK(size);
	bool same_chains = !packed && array->nNumUsed == used && array->nTableMask == mask;
	zend_array *copy;
	char *data;
	zval ignored;
	uint32_t place = 0;

	if (level > state->height) {
		state->height = level;
	}
	copy = (zend_array *) hf_take(state, sizeof *copy);
#if PHP_VERSION_ID >= 80200
	data = hf_take(state, HT_HASH_SIZE(mask) + used * (packed ? sizeof(zval) : sizeof(Bucket)));
#else
	data = hf_take(state, HT_HASH_SIZE(mask) + used * sizeof(Bucket));
#endif
	if (copy != NULL) {
		GC_SET_REFCOUNT(copy, 2);
		GC_TYPE_INFO(copy) = GC_ARRAY | ((GC_IMMUTABLE | GC_NOT_COLLECTABLE) << GC_FLAGS_SHIFT);
		HT_FLAGS(copy) = HASH_FLAG_STATIC_KEYS | (packed ? HASH_FLAG_PACKED : 0);
		copy->nTableMask = mask;
		HT_SET_DATA_ADDR(copy, data);
		copy->nNumUsed = used;
		copy->nNumOfElements = array->nNumOfElements;
		copy->nTableSize = size;
		copy->nInternalPointer = 0;
		/* As in an array that was put together from these keys, wherever the original has got to. */
		copy->nNextFreeElement = ZEND_LONG_MIN;
		copy->pDestructor = level == 1 ? hf_is_sealed : hf_is_inline;
		if (packed) {
			HT_HASH_RESET_PACKED(copy);
		} else if (same_chains) {
			memcpy(data, HT_GET_DATA_ADDR(array), HT_HASH_SIZE(mask));
		} else {
			HT_HASH_RESET(copy);
		}
	}
	for (uint32_t at = 0; at < array->nNumUsed; at++) {
		zend_ulong index;
		zend_string *key;
		zval *value = hf_at(array, at, &index, &key);

		if (Z_TYPE_P(value) == IS_INDIRECT && Z_TYPE_P(Z_INDIRECT_P(value)) == IS_UNDEF) {
			state->failed = true;
		}
		if (Z_TYPE_P(value) == IS_UNDEF && !packed) {
			continue;
		}
		if (key != NULL) {
			key = hf_copy_key(state, key);
		} else if (copy != NULL && Z_TYPE_P(value) != IS_UNDEF && (zend_long) index >= copy->nNextFreeElement) {
			copy->nNextFreeElement = (zend_long) index < ZEND_LONG_MAX ? (zend_long) index + 1 : ZEND_LONG_MAX;
		}
		if (copy == NULL) {
			hf_copy_value(state, &ignored, value, level);
#if PHP_VERSION_ID >= 80200
		} else if (packed) {
			hf_copy_value(state, copy->arPacked + place, value, level);
			Z_NEXT(copy->arPacked[place]) = 0;
#endif
		} else {
			Bucket *bucket = copy->arData + place;

			bucket->h = index;
			bucket->key = key;
			hf_copy_value(state, &bucket->val, value, level);
			if (same_chains) {
				Z_NEXT(bucket->val) = Z_NEXT_P(value);
			} else if (!packed) {
				uint32_t chain = (uint32_t) index | mask;

				Z_NEXT(bucket->val) = HT_HASH(copy, chain);
				HT_HASH(copy, chain) = HT_IDX_TO_HASH(place);
			} else {
				Z_NEXT(bucket->val) = 0;
			}
		}
		place++;
		if (state->failed) {
			break;
		}
	}
	return copy;
}

static void hf_begin(hf_copy_state *state, void *context, char *to)
{
	state->to = to;
	state->size = 0;
	state->height = 0;
	state->failed = false;
	state->context = context;
	/* What is in `key` is looked at only where this says so. */
	memset(state->from, 0, sizeof state->from);
}

/* Bytes that the copy of an array takes; 0 when something in it can't be copied: an object, a resource. */
size_t hf_sealed_size(const zend_array *array, void *context, uint32_t *height)
{
	hf_copy_state state;

	hf_begin(&state, context, NULL);
	hf_copy_array(&state, array, 1);
	*height = state.height;
	return state.failed ? 0 : state.size;
}

/* Copies an array to where there is room for it. Nothing has changed since its size was measured. */
zend_array *hf_seal(const zend_array *array, void *context, char *to)
{
	hf_copy_state state;

	hf_begin(&state, context, to);
	return hf_copy_array(&state, array, 1);
}

/* ---- pages that can be closed for writing: to prove that nobody writes ---- */

void *hf_pages(size_t size)
{
	void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return pages == MAP_FAILED ? NULL : pages;
}

void hf_close_pages(void *pages, size_t size)
{
	mprotect(pages, size, PROT_READ);
}

void hf_free_pages(void *pages, size_t size)
{
	munmap(pages, size);
}
