/*
 * dlopen_note: tell packagers about a library that is opened late.
 *
 * The ELF note of the UAPI group's "dlopen metadata" specification: a
 * dependency that no NEEDED entry shows stands in the section .note.dlopen,
 * where package builders and image builders find it.
 */
#ifndef SSHD_CONN_RUN_DLOPEN_NOTE_H
#define SSHD_CONN_RUN_DLOPEN_NOTE_H

#define DLOPEN_TEXT_(...)	#__VA_ARGS__
#define DLOPEN_TEXT(...)	DLOPEN_TEXT_(__VA_ARGS__)

/*
 * At file scope; the argument is the JSON itself, unquoted.  Assembler, for
 * a compiler may align an object more than notes are that follow each other.
 */
#define DLOPEN_NOTE(...)						\
	__asm__(".pushsection .note.dlopen, \"a\", %note\n"		\
	    "	.balign 4\n"						\
	    "	.long 2f - 1f, 4f - 3f, 0x407c0c0a\n"			\
	    "1:	.asciz \"FDO\"\n"					\
	    "2:	.balign 4\n"						\
	    "3:	.asciz " DLOPEN_TEXT(DLOPEN_TEXT_(__VA_ARGS__)) "\n"	\
	    "4:	.balign 4\n"						\
	    "	.popsection\n")

#endif
