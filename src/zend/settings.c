#include "shim.h"

/* php.ini and phpinfo. */

extern bool holdfast_setting_is_valid(const char *name, size_t name_len, const char *value, size_t value_len);

static ZEND_INI_MH(hf_on_change)
{
	const char *value = new_value ? ZSTR_VAL(new_value) : "";
	size_t len = new_value ? ZSTR_LEN(new_value) : 0;

	return holdfast_setting_is_valid(ZSTR_VAL(entry->name), ZSTR_LEN(entry->name), value, len) ? SUCCESS : FAILURE;
}

/* phpinfo shows a DSN only where surely no password stands in it (S29). The row Store says what it leads to. */
static ZEND_INI_DISP(hf_show_store)
{
	zend_string *shown = type == ZEND_INI_DISPLAY_ORIG && ini_entry->modified ? ini_entry->orig_value : ini_entry->value;

	if (!shown || !ZSTR_LEN(shown)) {
		php_printf(sapi_module.phpinfo_as_text ? "no value" : "<i>no value</i>");
	} else if (strchr(ZSTR_VAL(shown), '@') || strstr(ZSTR_VAL(shown), "password")
			|| (!strncmp(ZSTR_VAL(shown), "migrating:", sizeof("migrating:") - 1) && strchr(ZSTR_VAL(shown), '%'))) {
		php_printf("(not shown: it may hold a password)");
	} else if (sapi_module.phpinfo_as_text) {
		PHPWRITE(ZSTR_VAL(shown), ZSTR_LEN(shown));
	} else {
		php_html_puts(ZSTR_VAL(shown), ZSTR_LEN(shown));
	}
}

PHP_INI_BEGIN()
	PHP_INI_ENTRY_EX("holdfast.store", "", PHP_INI_SYSTEM, hf_on_change, hf_show_store)
	PHP_INI_ENTRY("holdfast.global_class", "1", PHP_INI_SYSTEM, hf_on_change)
	PHP_INI_ENTRY("holdfast.audit", "", PHP_INI_SYSTEM, hf_on_change)
	PHP_INI_ENTRY("holdfast.worker_cache", "8M", PHP_INI_SYSTEM, hf_on_change)
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
	PHP_INI_ENTRY("holdfast.remember_lifetime", "1209600", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.rotation_grace", "30", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.regenerate_grace", "0", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.renewal_interval", "0", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.locking", "auto", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.lock_wait", "10", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.redirect_hosts", "", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.history", "0", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.tracker", "0", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.control_panel", "0", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.cp_lifetime", "3600", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.throttle", "1", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.challenge", "1", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.fingerprint", "8", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.sessions_per_user", "0", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.sessions_per_user_policy", "oldest", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.banned_ips", "", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.banned_emails", "", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.banned_usernames", "", PHP_INI_ALL, hf_on_change)
	PHP_INI_ENTRY("holdfast.banned_screen_names", "", PHP_INI_ALL, hf_on_change)
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
