/*
 * The interfaces of users, with types that ext-php-rs has no words for: int|string.
 */
#include "php.h"

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_MASK_EX(hf_user_getid, 0, 0, MAY_BE_LONG | MAY_BE_STRING)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(hf_user_getname, 0, 0, IS_STRING, 0)
ZEND_END_ARG_INFO()

static const zend_function_entry hf_user_methods[] = {
	ZEND_ABSTRACT_ME(User, getId, hf_user_getid)
	ZEND_ABSTRACT_ME(User, getName, hf_user_getname)
	ZEND_FE_END
};

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(hf_provider_findbyname, 0, 1, Holdfast\\User, 1)
	ZEND_ARG_TYPE_INFO(0, name, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(hf_provider_findbyid, 0, 1, Holdfast\\User, 1)
	ZEND_ARG_TYPE_MASK(0, id, MAY_BE_LONG | MAY_BE_STRING, NULL)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(hf_provider_verifypassword, 0, 2, _IS_BOOL, 0)
	ZEND_ARG_OBJ_INFO(0, user, Holdfast\\User, 1)
	ZEND_ARG_TYPE_INFO(0, password, IS_STRING, 0)
ZEND_END_ARG_INFO()

static const zend_function_entry hf_provider_methods[] = {
	ZEND_ABSTRACT_ME(UserProvider, findByName, hf_provider_findbyname)
	ZEND_ABSTRACT_ME(UserProvider, findById, hf_provider_findbyid)
	ZEND_ABSTRACT_ME(UserProvider, verifyPassword, hf_provider_verifypassword)
	ZEND_FE_END
};

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(hf_member_getmemberdata, 0, 1, IS_ARRAY, 0)
	ZEND_ARG_OBJ_INFO(0, user, Holdfast\\User, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_MASK_EX(hf_member_getmemberversion, 0, 1, MAY_BE_LONG | MAY_BE_STRING)
	ZEND_ARG_OBJ_INFO(0, user, Holdfast\\User, 0)
ZEND_END_ARG_INFO()

static const zend_function_entry hf_member_provider_methods[] = {
	ZEND_ABSTRACT_ME(MemberProvider, getMemberData, hf_member_getmemberdata)
	ZEND_ABSTRACT_ME(MemberProvider, getMemberVersion, hf_member_getmemberversion)
	ZEND_FE_END
};

/* Of hf_register_user_provider. */
static zend_class_entry *hf_user_provider;

zend_class_entry *hf_register_user(void)
{
	zend_class_entry class;
	INIT_NS_CLASS_ENTRY(class, "Holdfast", "User", hf_user_methods);
	return zend_register_internal_interface(&class);
}

zend_class_entry *hf_register_user_provider(void)
{
	zend_class_entry class;
	INIT_NS_CLASS_ENTRY(class, "Holdfast", "UserProvider", hf_provider_methods);
	hf_user_provider = zend_register_internal_interface(&class);
	return hf_user_provider;
}

zend_class_entry *hf_register_member_provider(void)
{
	zend_class_entry class, *member_provider;
	INIT_NS_CLASS_ENTRY(class, "Holdfast", "MemberProvider", hf_member_provider_methods);
	member_provider = zend_register_internal_interface(&class);
	zend_class_implements(member_provider, 1, hf_user_provider);
	return member_provider;
}
