#include "shim.h"

/* Calling code of the application, and what has to be known of it before. */

bool hf_is_callable(zval *value)
{
	return zend_is_callable(value, 0, NULL);
}

/* Calls what is callable with one argument. *result is undefined when it threw, or was not callable. */
void hf_call(zval *callable, zval *argument, zval *result)
{
	ZVAL_UNDEF(result);
	call_user_function(NULL, NULL, callable, result, 1, argument);
}

/* What is callable where the running PHP code stands, as a Closure that is callable everywhere: of a method that is not
 * public, too. False, with *result undefined, when it is not callable there; an exception may be pending then. */
bool hf_closure(zval *callable, zval *result)
{
	ZVAL_UNDEF(result);
	if (!zend_is_callable(callable, 0, NULL) || EG(exception)) {
		return false;
	}
	zend_call_method(NULL, zend_ce_closure, NULL, "fromcallable", sizeof("fromcallable") - 1, result, 1, callable, NULL);
	return Z_TYPE_P(result) == IS_OBJECT;
}

/* Is the method of this name in `class` a PHP one, that is, overridden in a subclass? */
bool hf_is_overridden(zend_class_entry *class, const char *name, size_t len)
{
	zend_function *function = zend_hash_str_find_ptr_lc(&class->function_table, name, len);

	return function != NULL && function->type == ZEND_USER_FUNCTION;
}

bool hf_has_method(zend_class_entry *class, const char *name, size_t len)
{
	return zend_hash_str_find_ptr_lc(&class->function_table, name, len) != NULL;
}

/* Calls a method that the object's class has, public or not. The arguments are copied. *result is undefined when it
 * threw. */
void hf_call_method(zend_object *object, const char *name, size_t len, zval *result, uint32_t count, zval *arguments)
{
	zend_function *function = zend_hash_str_find_ptr_lc(&object->ce->function_table, name, len);

	ZVAL_UNDEF(result);
	zend_call_known_function(function, object, object->ce, result, count, arguments, NULL);
}

/* The name of a method's parameter, counted from 0, as the class that declared the method first names it: a subclass
 * may name it otherwise. NULL when there is no such parameter or method. */
const char *hf_parameter_name(zend_class_entry *class, const char *name, size_t len, uint32_t number)
{
	zend_function *first = NULL;

	for (; class != NULL; class = class->parent) {
		zend_function *function = zend_hash_str_find_ptr_lc(&class->function_table, name, len);

		if (function == NULL) {
			break;
		}
		first = function;
	}
	return first == NULL || number >= first->common.num_args ? NULL : get_function_arg_name(first, number + 1);
}

/* A class that is declared already; nothing is loaded for it. NULL when there is none. */
zend_class_entry *hf_find_class(const char *name, size_t len)
{
	zend_string *text = zend_string_init(name, len, 0);
	zend_class_entry *class = zend_lookup_class_ex(text, NULL, ZEND_FETCH_CLASS_NO_AUTOLOAD);

	zend_string_release(text);
	return class;
}

/* Sets a declared property as PHP code would. The value is copied. */
void hf_set_property(zend_object *object, const char *name, size_t len, zval *value)
{
	zend_update_property(object->ce, object, name, len, value);
}

/* A line in the log that PHP's setting error_log names. */
void hf_log(const char *line)
{
	php_log_err(line);
}
