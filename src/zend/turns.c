/*
 * Where one request ends and the next one begins, for servers that run one script for many of them (FrankenPHP's worker
 * mode): they call the startup and shutdown of few modules or of none in between. What all of them do is to tell SAPI, so
 * that is where these functions stand. In requests that PHP begins and ends itself they do nothing.
 */
#include "shim.h"

extern void holdfast_end_request(void);
extern void holdfast_forget_request(void);
extern void holdfast_begin_request(bool is_late);
extern void hf_session_leave(void);

/* The server's own, or NULL. One for all threads, as sapi_module is. */
static int (*hf_server_activate)(void);
static int (*hf_server_deactivate)(void);

/* A script goes on after its request, which SAPI has given up: what request_info points to may be gone. */
ZEND_TLS bool hf_is_over_ = false;

bool hf_is_over(void)
{
	return hf_is_over_;
}

/* Is a script running on, past the end of the request? While PHP begins and ends one itself, it isn't. */
static bool hf_script_goes_on(void)
{
	return PG(modules_activated) && !(EG(flags) & EG_FLAGS_IN_SHUTDOWN);
}

/* Takes a step, and comes back to where the script is, also from a fatal error of the application; was there one? */
static bool hf_is_fatal(void (*step)(void))
{
	volatile bool is_fatal = false;
	zend_execute_data *frame = EG(current_execute_data);

	zend_try {
		step();
	} zend_catch {
		is_fatal = true;
	} zend_end_try();
	EG(current_execute_data) = frame;
	return is_fatal;
}

/* Ends the request for this extension. A fatal error of the application in there, which PHP has told, keeps the rest from
 * being saved, and nothing from being forgotten; then the script ends, too, since PHP runs no code after one. It does so as
 * by exit(), for servers that let no fatal error out of here. An exception that is on its way through the script stays. */
static void hf_turn(void)
{
	zend_object *pending = EG(exception);
	const zend_op *before = EG(opline_before_exception);
	bool is_fatal;

	EG(exception) = NULL;
	is_fatal = hf_is_fatal(holdfast_end_request);
	is_fatal |= hf_is_fatal(hf_session_leave);
	is_fatal |= hf_is_fatal(holdfast_forget_request);
	if (EG(exception) != NULL) {
		OBJ_RELEASE(EG(exception));
	}
	EG(exception) = pending;
	EG(opline_before_exception) = before;
	if (is_fatal && pending == NULL && EG(current_execute_data) != NULL) {
		zend_throw_unwind_exit();
	}
}

static int hf_deactivate(void)
{
	bool goes_on = hf_script_goes_on();

	if (goes_on && !hf_is_over_) {
		hf_turn();
	}
	hf_is_over_ = goes_on;
	return hf_server_deactivate != NULL ? hf_server_deactivate() : SUCCESS;
}

static int hf_activate(void)
{
	int result = hf_server_activate != NULL ? hf_server_activate() : SUCCESS;

	if (hf_script_goes_on()) {
		if (!hf_is_over_) {
			hf_session_leave();
		}
		holdfast_begin_request(!hf_is_over_);
	}
	hf_is_over_ = false;
	return result;
}

/* At module startup. */
void hf_watch_turns(void)
{
	hf_server_activate = sapi_module.activate;
	hf_server_deactivate = sapi_module.deactivate;
	sapi_module.activate = hf_activate;
	sapi_module.deactivate = hf_deactivate;
}

/* At module shutdown, before this code goes away. */
void hf_unwatch_turns(void)
{
	if (sapi_module.activate == hf_activate) {
		sapi_module.activate = hf_server_activate;
	}
	if (sapi_module.deactivate == hf_deactivate) {
		sapi_module.deactivate = hf_server_deactivate;
	}
}

/* Does nobody else hold the object? */
bool hf_is_last(zend_object *object)
{
	return GC_REFCOUNT(object) == 1;
}

/* Runs an object's destructor, if it did not run yet, and keeps the object: as PHP does before the end of a request. */
void hf_destruct(zend_object *object)
{
	if (!(OBJ_FLAGS(object) & IS_OBJ_DESTRUCTOR_CALLED)) {
		GC_ADD_FLAGS(object, IS_OBJ_DESTRUCTOR_CALLED);
		GC_ADDREF(object);
		object->handlers->dtor_obj(object);
		GC_DELREF(object);
	}
}
