// Exports `shutdown` and nothing else. By hand: the kit makes no actor without a handler.
extern "C" __attribute__((export_name("airssys:core/shutdown@0.1.0#stop"))) void stop() {}
