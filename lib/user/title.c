/*
 * title: what ps(1) shows of the user role, "alice@pts/0,pts/2".  User
 * process.
 */
#include <stdio.h>

#include "base/sink.h"
#include "base/vis.h"
#include "run/title.h"
#include "user/role.h"

#define NAME_BYTES	128
#define TTYS_BYTES	1024

void
user_show(const struct user *u)
{
	char name[NAME_BYTES], ttys[TTYS_BYTES];
	struct sink out = sink_of(ttys, sizeof ttys - 1);

	for (size_t i = 0; i < ARRAY_LEN(u->channels); i++) {
		const struct channel *ch = u->channels[i];

		if (ch == NULL || ch->pty.master < 0)
			continue;
		if (out.len > 0)
			sink_u8(&out, ',');
		sink_bytes(&out, span_str(ch->pty.name));
	}
	ttys[out.len] = '\0';
	title_set("%s@%s", vis_text(span_str(u->user), name, sizeof name),
	    out.len > 0 ? ttys : "notty");
}
