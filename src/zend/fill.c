#include "shim.h"

/* Arrays that are put together at their final size: no entry moves while others are added. */

/* A list with room for `size` items, at least 1. */
zend_array *hf_list(uint32_t size)
{
	zend_array *list = zend_new_array(size);

	zend_hash_real_init_packed(list);
	return list;
}

/* Type and value. */
static zend_always_inline void hf_put(zval *place, zend_long payload, uint32_t type)
{
	Z_LVAL_P(place) = payload;
	Z_TYPE_INFO_P(place) = type;
}

/* Takes the value over. No more than there is room for. */
void hf_list_push(zend_array *list, zend_long payload, uint32_t type)
{
	uint32_t at = list->nNumUsed;

	ZEND_ASSERT(at < list->nTableSize);
#if PHP_VERSION_ID >= 80200
	hf_put(list->arPacked + at, payload, type);
#else
	list->arData[at].h = at;
	list->arData[at].key = NULL;
	hf_put(&list->arData[at].val, payload, type);
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

static void hf_map_replace(zval *place, zend_long payload, uint32_t type)
{
	zval old;

	ZVAL_COPY_VALUE(&old, place);
	hf_put(place, payload, type);
	zval_ptr_dtor(&old);
}

/* `first`: what the chain of `h` begins with. */
static zend_always_inline void hf_map_add(
	zend_array *map, zend_ulong h, zend_string *key, uint32_t *first, zend_long payload, uint32_t type)
{
	uint32_t at = map->nNumOfElements;
	Bucket *bucket = map->arData + at;

	ZEND_ASSERT(at < map->nTableSize);
	hf_put(&bucket->val, payload, type);
	Z_NEXT(bucket->val) = *first;
	*first = HT_IDX_TO_HASH(at);
	bucket->h = h;
	bucket->key = key;
	map->nNumOfElements = at + 1;
	map->nNumUsed = at + 1;
}

/* The place of a key in a chain; NULL when it isn't there. */
static zend_never_inline zval *hf_map_find(const zend_array *map, uint32_t at, zend_ulong h, const zend_string *key)
{
	while (at != HT_INVALID_IDX) {
		Bucket *bucket = HT_HASH_TO_BUCKET_EX(map->arData, at);

		if (bucket->h == h && (bucket->key == key
			|| (key != NULL && bucket->key != NULL && zend_string_equal_content(bucket->key, (zend_string *) key)))) {
			return &bucket->val;
		}
		at = Z_NEXT(bucket->val);
	}
	return NULL;
}

/* Takes the key and the value over. A key that is there already gets another value: what it had is freed, which may run
 * code of the application. No more keys than there is room for. */
void hf_map_name(zend_array *map, zend_string *key, zend_long payload, uint32_t type)
{
	zend_ulong h = zend_string_hash_val(key);
	uint32_t *first = &HT_HASH_EX(map->arData, (uint32_t) h | map->nTableMask);

	if (*first != HT_INVALID_IDX) {
		zval *known = hf_map_find(map, *first, h, key);

		if (known != NULL) {
			zend_string_release(key);
			hf_map_replace(known, payload, type);
			return;
		}
	}
	if (!ZSTR_IS_INTERNED(key)) {
		HT_FLAGS(map) &= ~HASH_FLAG_STATIC_KEYS;
	}
	hf_map_add(map, h, key, first, payload, type);
}

/* As hf_map_name. */
void hf_map_index(zend_array *map, zend_ulong h, zend_long payload, uint32_t type)
{
	uint32_t *first = &HT_HASH_EX(map->arData, (uint32_t) h | map->nTableMask);

	if (*first != HT_INVALID_IDX) {
		zval *known = hf_map_find(map, *first, h, NULL);

		if (known != NULL) {
			hf_map_replace(known, payload, type);
			return;
		}
	}
	if ((zend_long) h >= map->nNextFreeElement) {
		map->nNextFreeElement = (zend_long) h < ZEND_LONG_MAX ? (zend_long) h + 1 : ZEND_LONG_MAX;
	}
	hf_map_add(map, h, NULL, first, payload, type);
}

/* The empty array that all share. */
const zend_array *hf_empty_array(void)
{
	return &zend_empty_array;
}
