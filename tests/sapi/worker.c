/*
 * A server that runs requests one after another in one process, for tests: PHP's way, and the ways of servers that keep
 * one script for all of them.
 *
 *   worker EXTENSION MODE SCRIPT [setting=value ...]
 *
 * MODE is what happens between two requests:
 *   ordinary    PHP ends the one and begins the other; the script runs anew for each
 *   frankenphp  as FrankenPHP's worker mode does it: ext/session is emptied by hand, ext/filter is restarted
 *   reloading   as FrankenPHP did it before, and does it with ext/session as a shared library: both are restarted
 *   bare        no module is told anything but ext/filter, which would lose memory
 *   mute        not even SAPI is told that a request has ended
 *
 * The script calls next_request($function) until it gives false. A line of standard input is a request: method, URI, Cookie
 * header and User-Agent header, with tabs between them. The answer is a line with a number of bytes, and so many bytes:
 * header lines, an empty line, the body.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <main/php.h>
#include <main/SAPI.h>
#include <main/php_main.h>
#include <main/php_output.h>
#include <main/php_variables.h>
#include <ext/session/php_session.h>
#include <ext/standard/info.h>

#include "../settings.h"

#ifdef ZTS
ZEND_TSRMLS_CACHE_DEFINE()
#endif

enum mode { ORDINARY, FRANKENPHP, RELOADING, BARE, MUTE };

static enum mode mode;
static char line[65536], cookies[65536];
static char *method, *uri, *cookie, *agent;
static bool is_served;
static bool is_first = true;

/* Standard output as it was: PHP writes to the present one what comes when no request is running. */
static FILE *answers;
static char *answer;
static size_t answer_length, answer_size;

static void put(const char *bytes, size_t length)
{
    if (answer_length + length > answer_size) {
        answer_size = (answer_length + length) * 2;
        answer = realloc(answer, answer_size);
    }
    memcpy(answer + answer_length, bytes, length);
    answer_length += length;
}

static void send_answer(void)
{
    fprintf(answers, "%zu\n", answer_length);
    fwrite(answer, 1, answer_length, answers);
    fflush(answers);
    answer_length = 0;
}

static char *field(char **rest)
{
    char *found = strsep(rest, "\t");
    return found == NULL ? "" : found;
}

/* Waits for a request; false when there are no more. */
static bool wait_for_request(void)
{
    if (fgets(line, sizeof line, stdin) == NULL) {
        return false;
    }
    line[strcspn(line, "\n")] = 0;
    char *rest = line;
    method = field(&rest);
    uri = field(&rest);
    cookie = field(&rest);
    agent = field(&rest);
    return true;
}

static void describe_request(void)
{
    SG(server_context) = line;
    SG(request_info).request_method = method;
    SG(request_info).request_uri = uri;
    SG(request_info).query_string = strchr(uri, '?') == NULL ? "" : strchr(uri, '?') + 1;
    SG(request_info).content_type = "";
    SG(request_info).content_length = 0;
    SG(request_info).proto_num = 1001;
    SG(sapi_headers).http_response_code = 200;
}

/* The one between two requests, and before the first. */
static void describe_nothing(void)
{
    method = "GET";
    uri = "/worker";
    cookie = agent = "";
    describe_request();
}

/* --- What PHP asks of a server ------------------------------------------------------------------------------------- */

static char *read_cookies(void)
{
    strcpy(cookies, cookie);
    return *cookie == 0 ? NULL : cookies;
}

/* The former request's cookies stay where they are, for whoever looks at what is not there any more. */
static int deactivate(void)
{
    return SUCCESS;
}

static size_t read_post(char *buffer, size_t size)
{
    return 0;
}

static size_t write_body(const char *text, size_t length)
{
    put(text, length);
    return length;
}

static void send_header(sapi_header_struct *header, void *context)
{
    if (header != NULL) {
        put(header->header, header->header_len);
    }
    put("\n", 1);
}

static void register_variables(zval *server)
{
    php_register_variable("REQUEST_METHOD", method, server);
    php_register_variable("REQUEST_URI", uri, server);
    php_register_variable("SCRIPT_NAME", "/index.php", server);
    php_register_variable("HTTP_HOST", "localhost", server);
    php_register_variable("REMOTE_ADDR", "127.0.0.1", server);
    php_register_variable("HTTP_USER_AGENT", agent, server);
    if (*cookie != 0) {
        php_register_variable("HTTP_COOKIE", cookie, server);
    }
}

static void log_message(const char *message, int type)
{
    fprintf(stderr, "%s\n", message);
}

static int start(sapi_module_struct *module);

static sapi_module_struct server = {
    .name = "worker",
    .pretty_name = "Requests one after another",
    .startup = start,
    .shutdown = php_module_shutdown_wrapper,
    .deactivate = deactivate,
    .ub_write = write_body,
    .sapi_error = php_error,
    .send_header = send_header,
    .read_post = read_post,
    .read_cookies = read_cookies,
    .register_server_variables = register_variables,
    .log_message = log_message,
};

static int start(sapi_module_struct *module)
{
#if PHP_VERSION_ID >= 80200
    return php_module_startup(module, NULL);
#else
    return php_module_startup(module, NULL, 0);
#endif
}

/* --- Between two requests of one script ------------------------------------------------------------------------------ */

static void restart_module(const char *name, bool begins)
{
    zend_module_entry *module = zend_hash_str_find_ptr(&module_registry, name, strlen(name));
    if (begins && module->request_startup_func != NULL) {
        module->request_startup_func(module->type, module->module_number);
    } else if (!begins && module->request_shutdown_func != NULL) {
        module->request_shutdown_func(module->type, module->module_number);
    }
}

static void empty_session(void)
{
    if (PS(session_status) == php_session_active) {
        php_session_flush(1);
    }
    if (!Z_ISUNDEF(PS(http_session_vars))) {
        zval_ptr_dtor(&PS(http_session_vars));
        ZVAL_UNDEF(&PS(http_session_vars));
    }
    if (PS(mod_data) != NULL || PS(mod_user_implemented)) {
        PS(mod)->s_close(&PS(mod_data));
    }
    if (PS(id) != NULL) {
        zend_string_release(PS(id));
        PS(id) = NULL;
    }
    if (PS(session_vars) != NULL) {
        zend_string_release(PS(session_vars));
        PS(session_vars) = NULL;
    }
    PS(session_status) = php_session_none;
    PS(mod_data) = NULL;
    PS(define_sid) = 1;
}

static void end_request(void)
{
    zend_try {
        php_output_end_all();
    } zend_end_try();
    if (mode != MUTE) {
        restart_module("filter", false);
    }
    if (mode == FRANKENPHP) {
        empty_session();
    } else if (mode == RELOADING) {
        restart_module("session", false);
    }
    zend_try {
        php_output_deactivate();
    } zend_end_try();
    if (mode == MUTE) {
        return;
    }
    zend_try {
        sapi_deactivate();
    } zend_end_try();
}

static void renew_superglobals(void)
{
    zend_auto_global *global;

    if (mode == FRANKENPHP) {
        zend_hash_str_del(&EG(symbol_table), ZEND_STRL("_SESSION"));
    }
    ZEND_HASH_FOREACH_PTR(CG(auto_globals), global) {
        if (global->auto_global_callback != NULL && global->name != ZSTR_KNOWN(ZEND_STR_AUTOGLOBAL_ENV)
            && !zend_string_equals_literal(global->name, "GLOBALS")) {
            global->armed = global->auto_global_callback(global->name);
        }
    } ZEND_HASH_FOREACH_END();
}

static void begin_request(void)
{
    php_output_activate();
    PG(header_is_being_sent) = 0;
    PG(connection_status) = PHP_CONNECTION_NORMAL;
    sapi_activate();
    renew_superglobals();
    if (mode != MUTE) {
        restart_module("filter", true);
    }
    if (mode == RELOADING) {
        restart_module("session", true);
    }
    SG(sapi_started) = 1;
}

ZEND_BEGIN_ARG_INFO_EX(next_request_arguments, 0, 0, 1)
    ZEND_ARG_INFO(0, function)
ZEND_END_ARG_INFO()

static ZEND_FUNCTION(next_request)
{
    zend_fcall_info call;
    zend_fcall_info_cache cache;
    zval result;

    ZEND_PARSE_PARAMETERS_START(1, 1)
        Z_PARAM_FUNC(call, cache)
    ZEND_PARSE_PARAMETERS_END();
    if (mode == ORDINARY) {
        if (is_served) {
            RETURN_FALSE;
        }
    } else {
        if (is_first) {
            is_first = false;
            end_request();
            answer_length = 0;
        }
        if (!wait_for_request()) {
            RETURN_FALSE;
        }
        describe_request();
        begin_request();
    }
    is_served = true;
    ZVAL_UNDEF(&result);
    call.retval = &result;
    zend_call_function(&call, &cache);
    zval_ptr_dtor(&result);
    if (mode != ORDINARY) {
        end_request();
        send_answer();
    }
    RETURN_TRUE;
}

static const zend_function_entry functions[] = {
    ZEND_FE(next_request, next_request_arguments)
    ZEND_FE_END
};

/* --- The process ------------------------------------------------------------------------------------------------------ */

static void run(const char *script)
{
    is_served = false;
    if (php_request_startup() == FAILURE) {
        fprintf(stderr, "a request does not start\n");
        exit(1);
    }
    zend_first_try {
        zend_file_handle file;
        zend_stream_init_filename(&file, script);
        file.primary_script = 1;
        php_execute_script(&file);
        zend_destroy_file_handle(&file);
    } zend_end_try();
    php_request_shutdown(NULL);
}

int main(int argc, char **argv)
{
    static const char *const modes[] = {"ordinary", "frankenphp", "reloading", "bare", "mute"};
    if (argc < 4) {
        fprintf(stderr, "usage: worker EXTENSION MODE SCRIPT [setting=value ...]\n");
        return 2;
    }
    while (strcmp(modes[mode], argv[2]) != 0) {
        if (++mode > MUTE) {
            fprintf(stderr, "%s is no mode\n", argv[2]);
            return 2;
        }
    }
    answers = fdopen(dup(STDOUT_FILENO), "w");
    dup2(STDERR_FILENO, STDOUT_FILENO);
    char settings[8192];
    int length = snprintf(settings, sizeof settings,
        "extension=\"%s\"\nhtml_errors=0\nerror_reporting=-1\ndisplay_errors=0\nlog_errors=1\nauto_globals_jit=0\n"
        "zend.assertions=1\nassert.exception=1\nexpose_php=0\n", argv[1]);
    if (!append_settings(settings, sizeof settings, &length, argv + 4, argc - 4)) {
        return 2;
    }
#ifdef ZTS
    php_tsrm_startup();
#endif
    zend_signal_startup();
    sapi_startup(&server);
    server.php_ini_ignore = 1;
    server.ini_entries = settings;
    server.additional_functions = functions;
    if (server.startup(&server) == FAILURE) {
        fprintf(stderr, "PHP does not start\n");
        return 1;
    }
    if (mode == ORDINARY) {
        while (wait_for_request()) {
            describe_request();
            run(argv[3]);
            send_answer();
        }
    } else {
        describe_nothing();
        run(argv[3]);
    }
    php_module_shutdown();
    sapi_shutdown();
#ifdef ZTS
    tsrm_shutdown();
#endif
    free(answer);
    return 0;
}
