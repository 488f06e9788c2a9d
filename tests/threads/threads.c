/*
 * A server with threads, for a PHP that was built with them (--enable-zts --enable-embed): each thread runs request after
 * request of one script, as FrankenPHP's and Apache's worker MPM's do.
 *
 *   threads EXTENSION SCRIPT THREADS REQUESTS [setting=value ...]
 *
 * The script finds $thread and $request, and prints what it finds wrong. The process fails if any request did.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sapi/embed/php_embed.h>

#include "../settings.h"

ZEND_TSRMLS_CACHE_DEFINE()

static const char *script;
static long requests;
static atomic_long said;

static size_t tell(const char *text, size_t length)
{
    atomic_fetch_add_explicit(&said, (long) length, memory_order_relaxed);
    fwrite(text, 1, length, stderr);
    return length;
}

static void run(long thread, long request)
{
    if (php_request_startup() == FAILURE) {
        fprintf(stderr, "thread %ld: request %ld does not start\n", thread, request);
        exit(1);
    }
    zend_first_try {
        zval number;
        ZVAL_LONG(&number, thread);
        zend_hash_str_update(&EG(symbol_table), "thread", sizeof("thread") - 1, &number);
        ZVAL_LONG(&number, request);
        zend_hash_str_update(&EG(symbol_table), "request", sizeof("request") - 1, &number);
        zend_file_handle file;
        zend_stream_init_filename(&file, script);
        php_execute_script(&file);
        zend_destroy_file_handle(&file);
    } zend_end_try();
    php_request_shutdown(NULL);
}

static void *serve(void *number)
{
    ts_resource(0);
    ZEND_TSRMLS_CACHE_UPDATE();
    for (long request = 0; request < requests; ++request) {
        run((long) number, request);
    }
    ts_free_thread();
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr, "usage: threads EXTENSION SCRIPT THREADS REQUESTS [setting=value ...]\n");
        return 2;
    }
    script = argv[2];
    requests = atol(argv[4]);
    char settings[8192];
    int length = snprintf(settings, sizeof settings,
        "extension=\"%s\"\nhtml_errors=0\nerror_reporting=-1\ndisplay_errors=1\nzend.assertions=1\nassert.exception=1\n"
        "session.use_cookies=0\nsession.use_only_cookies=0\nsession.cache_limiter=\"\"\nsession.use_strict_mode=0\n",
        argv[1]);
    if (!append_settings(settings, sizeof settings, &length, argv + 5, argc - 5)) {
        return 2;
    }
    /* php_embed_init() has settings of its own where others could stand; a file is read after them. */
    char ini[] = "/tmp/holdfast-threads-XXXXXX";
    int file = mkstemp(ini);
    if (file < 0 || write(file, settings, (size_t) length) != length) {
        perror(ini);
        return 1;
    }
    close(file);
    php_embed_module.php_ini_path_override = ini;
    php_embed_module.ub_write = tell;
    int has_started = php_embed_init(1, argv);
    unlink(ini);
    if (has_started == FAILURE) {
        fprintf(stderr, "PHP does not start\n");
        return 1;
    }
    long count = atol(argv[3]);
    pthread_t *threads = calloc((size_t) count, sizeof *threads);
    for (long at = 0; at < count; ++at) {
        pthread_create(&threads[at], NULL, serve, (void *) at);
    }
    for (long at = 0; at < count; ++at) {
        pthread_join(threads[at], NULL);
    }
    free(threads);
    php_embed_shutdown();
    if (said != 0) {
        fprintf(stderr, "\nsomething was wrong\n");
        return 1;
    }
    printf("%ld requests of %ld threads: nothing was wrong\n", count * requests, count);
    return 0;
}
