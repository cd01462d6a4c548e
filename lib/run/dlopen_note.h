/*
 * dlopen_note: tell packagers about a library that is opened late.
 *
 * The ELF note of the UAPI group's "dlopen metadata" specification: a
 * dependency that no NEEDED entry shows stands in the section .note.dlopen,
 * where package builders and image builders find it.
 */
#ifndef SSHD_CONN_RUN_DLOPEN_NOTE_H
#define SSHD_CONN_RUN_DLOPEN_NOTE_H

#include <stdint.h>

#define DLOPEN_NOTE_TYPE 0x407c0c0a

/* At file scope; name makes it unique, json is a string literal. */
#define DLOPEN_NOTE(name, json)						\
	__attribute__((used, section(".note.dlopen"), aligned(4)))	\
	static const struct {						\
		uint32_t owner_bytes, json_bytes, type;			\
		char owner[sizeof "FDO"];				\
		_Alignas(4) char text[sizeof json];			\
	} name = { sizeof "FDO", sizeof json, DLOPEN_NOTE_TYPE, "FDO",	\
		json }

#endif
