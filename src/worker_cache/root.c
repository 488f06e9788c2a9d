/*
 * The outermost array of a session, as it is cached: only copies of it are shown, so it is changed where it is. What a copy
 * shares with it, strings and arrays, stays as it is until the request is over.
 */
#include "../zend/shim.h"

#define HF_ALIGNED(size) (((size) + 7) & ~(size_t) 7)

/* Bytes that a string takes, where it is kept. */
size_t hf_kept_size(const zend_string *string)
{
	return ZSTR_LEN(string) < 2 ? 0 : HF_ALIGNED(_ZSTR_STRUCT_SIZE(ZSTR_LEN(string)));
}

/* A string that is kept, where there is room for it: as immutable.c has them. */
zend_string *hf_keep(zend_string *string, char *to)
{
	zend_string *kept = (zend_string *) to;

	if (ZSTR_LEN(string) == 0) {
		return ZSTR_EMPTY_ALLOC();
	}
	if (ZSTR_LEN(string) == 1) {
		return ZSTR_CHAR((zend_uchar) ZSTR_VAL(string)[0]);
	}
	GC_SET_REFCOUNT(kept, 2);
	GC_TYPE_INFO(kept) = GC_STRING | (IS_STR_INTERNED << GC_FLAGS_SHIFT);
	ZSTR_H(kept) = zend_string_hash_val(string);
	ZSTR_LEN(kept) = ZSTR_LEN(string);
	memcpy(ZSTR_VAL(kept), ZSTR_VAL(string), ZSTR_LEN(string) + 1);
	return kept;
}

static size_t hf_root_data(uint32_t mask, uint32_t entries)
{
	return HT_HASH_SIZE(mask) + entries * sizeof(Bucket);
}

/* An empty root with room for some entries, at least one; NULL when there is no memory. */
zend_array *hf_root_new(uint32_t entries)
{
	uint32_t size = HT_MIN_SIZE;
	uint32_t mask;
	zend_array *root;

	while (size < entries) {
		size += size;
	}
	mask = HT_SIZE_TO_MASK(size);
	root = malloc(HF_ALIGNED(sizeof *root) + hf_root_data(mask, entries));
	if (root == NULL) {
		return NULL;
	}
	GC_SET_REFCOUNT(root, 2);
	GC_TYPE_INFO(root) = GC_ARRAY | ((GC_IMMUTABLE | GC_NOT_COLLECTABLE) << GC_FLAGS_SHIFT);
	HT_FLAGS(root) = HASH_FLAG_STATIC_KEYS;
	root->nTableMask = mask;
	HT_SET_DATA_ADDR(root, (char *) root + HF_ALIGNED(sizeof *root));
	root->nNumUsed = 0;
	root->nNumOfElements = 0;
	root->nTableSize = size;
	root->nInternalPointer = 0;
	/* As in an array that was put together from these keys. */
	root->nNextFreeElement = ZEND_LONG_MIN;
	root->pDestructor = NULL;
	HT_HASH_RESET(root);
	return root;
}

void hf_root_free(zend_array *root)
{
	free(root);
}

/* Bytes of memory of a root with room for so many entries. */
size_t hf_root_size(const zend_array *root)
{
	return HF_ALIGNED(sizeof *root) + hf_root_data(root->nTableMask, root->nNumUsed);
}

/* Appends an entry, for which there is room, under a key that is not there. The value holds nothing. */
void hf_root_add(zend_array *root, zend_ulong index, zend_string *key, const zval *value)
{
	uint32_t at = root->nNumUsed++;
	Bucket *bucket = root->arData + at;
	uint32_t chain;

	if (key != NULL) {
		index = ZSTR_H(key);
	} else if ((zend_long) index >= root->nNextFreeElement) {
		root->nNextFreeElement = (zend_long) index < ZEND_LONG_MAX ? (zend_long) index + 1 : ZEND_LONG_MAX;
	}
	root->nNumOfElements++;
	bucket->h = index;
	bucket->key = key;
	ZVAL_COPY_VALUE(&bucket->val, value);
	chain = (uint32_t) index | root->nTableMask;
	Z_NEXT(bucket->val) = HT_HASH(root, chain);
	HT_HASH(root, chain) = HT_IDX_TO_HASH(at);
}

/* Another value in the place of one. Both hold nothing. */
void hf_root_set(zend_array *root, uint32_t at, const zval *value)
{
	ZVAL_COPY_VALUE(&root->arData[at].val, value);
}

/* The entry at a place. */
const zval *hf_root_at(const zend_array *root, uint32_t at, zend_ulong *index, zend_string **key)
{
	*index = root->arData[at].h;
	*key = root->arData[at].key;
	return &root->arData[at].val;
}

/* Is there an entry of this key? `key` is NULL for an integer. */
bool hf_root_has(const zend_array *root, zend_ulong index, zend_string *key)
{
	return (key != NULL ? zend_hash_find(root, key) : zend_hash_index_find(root, index)) != NULL;
}

/*
 * Where an array that was a copy of a root is different by now: places of the root, ascending, at most so many. -1 when
 * there is more to it than other values, fewer entries, and entries behind those of the root.
 */
int32_t hf_root_differences(const zend_array *root, const zend_array *array, uint32_t *places, uint32_t most)
{
	uint32_t used = MIN(root->nNumUsed, array->nNumUsed);
	uint32_t found = 0;

	if (HT_FLAGS(array) & (HASH_FLAG_PACKED | HASH_FLAG_UNINITIALIZED)) {
		return -1;
	}
	if (root->nNumUsed - used > most) {
		return -1;
	}
	for (uint32_t at = 0; at < used; at++) {
		const Bucket *was = root->arData + at;
		const Bucket *is = array->arData + at;

		if (Z_TYPE(is->val) != IS_UNDEF) {
			if (is->h != was->h || is->key != was->key) {
				return -1;
			}
			if (Z_TYPE_INFO(is->val) == Z_TYPE_INFO(was->val)
				&& (Z_TYPE(is->val) <= IS_TRUE || Z_LVAL(is->val) == Z_LVAL(was->val))) {
				continue;
			}
		}
		if (found == most) {
			return -1;
		}
		places[found++] = at;
	}
	for (uint32_t at = used; at < root->nNumUsed; at++) {
		if (found == most) {
			return -1;
		}
		places[found++] = at;
	}
	return (int32_t) found;
}

/* The entry at a place of an array that is not packed; NULL when there is none. */
zval *hf_entry_at(const zend_array *array, uint32_t at, zend_ulong *index, zend_string **key)
{
	Bucket *bucket;

	if (at >= array->nNumUsed) {
		return NULL;
	}
	bucket = array->arData + at;
	*index = bucket->h;
	*key = bucket->key;
	if (Z_TYPE(bucket->val) == IS_INDIRECT) {
		return Z_INDIRECT(bucket->val);
	}
	return Z_TYPE(bucket->val) == IS_UNDEF ? NULL : &bucket->val;
}
