#include "shim.h"

/* Arrays that are put together at their final size: no entry moves while others are added. */

/* A list with room for `size` items, at least 1. */
zend_array *hf_list(uint32_t size)
{
	zend_array *list = zend_new_array(size);

	zend_hash_real_init_packed(list);
	return list;
}

/* Takes the value over. No more than there is room for. */
void hf_list_push(zend_array *list, const zval *value)
{
	uint32_t at = list->nNumUsed;

	ZEND_ASSERT(at < list->nTableSize);
#if PHP_VERSION_ID >= 80200
	ZVAL_COPY_VALUE(list->arPacked + at, value);
#else
	list->arData[at].h = at;
	list->arData[at].key = NULL;
	ZVAL_COPY_VALUE(&list->arData[at].val, value);
#endif
	list->nNumUsed = list->nNumOfElements = at + 1;
	list->nNextFreeElement = at + 1;
}

/* A map with room for `size` entries, at least 1. */
zend_array *hf_map(uint32_t size)
{
	zend_array *map = zend_new_array(size);

	zend_hash_real_init_mixed(map);
	return map;
}

static zend_always_inline void hf_map_replace(zval *place, const zval *value)
{
	zval old;

	ZVAL_COPY_VALUE(&old, place);
	ZVAL_COPY_VALUE(place, value);
	zval_ptr_dtor(&old);
}

static zend_always_inline void hf_map_add(zend_array *map, zend_ulong h, zend_string *key, const zval *value)
{
	uint32_t at = map->nNumUsed;
	Bucket *bucket = map->arData + at;
	uint32_t chain = (uint32_t) h | map->nTableMask;

	ZEND_ASSERT(at < map->nTableSize);
	map->nNumUsed = at + 1;
	map->nNumOfElements++;
	bucket->h = h;
	bucket->key = key;
	ZVAL_COPY_VALUE(&bucket->val, value);
	Z_NEXT(bucket->val) = HT_HASH_EX(map->arData, chain);
	HT_HASH_EX(map->arData, chain) = HT_IDX_TO_HASH(at);
}

/* Takes the key and the value over. A key that is there already gets another value: what it had is freed, which may run
 * code of the application. No more keys than there is room for. */
void hf_map_name(zend_array *map, zend_string *key, const zval *value)
{
	zend_ulong h = zend_string_hash_val(key);
	uint32_t at = HT_HASH_EX(map->arData, (uint32_t) h | map->nTableMask);

	while (at != HT_INVALID_IDX) {
		Bucket *bucket = HT_HASH_TO_BUCKET_EX(map->arData, at);

		if (bucket->h == h && bucket->key != NULL && zend_string_equals(bucket->key, key)) {
			zend_string_release(key);
			hf_map_replace(&bucket->val, value);
			return;
		}
		at = Z_NEXT(bucket->val);
	}
	if (!ZSTR_IS_INTERNED(key)) {
		HT_FLAGS(map) &= ~HASH_FLAG_STATIC_KEYS;
	}
	hf_map_add(map, h, key, value);
}

/* As hf_map_name. */
void hf_map_index(zend_array *map, zend_ulong h, const zval *value)
{
	uint32_t at = HT_HASH_EX(map->arData, (uint32_t) h | map->nTableMask);

	while (at != HT_INVALID_IDX) {
		Bucket *bucket = HT_HASH_TO_BUCKET_EX(map->arData, at);

		if (bucket->h == h && bucket->key == NULL) {
			hf_map_replace(&bucket->val, value);
			return;
		}
		at = Z_NEXT(bucket->val);
	}
	if ((zend_long) h >= map->nNextFreeElement) {
		map->nNextFreeElement = (zend_long) h < ZEND_LONG_MAX ? (zend_long) h + 1 : ZEND_LONG_MAX;
	}
	hf_map_add(map, h, NULL, value);
}

/* The empty array that all share. */
const zend_array *hf_empty_array(void)
{
	return &zend_empty_array;
}
