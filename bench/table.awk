# table.awk: samples "SERVER METRIC VALUE" in, a table of medians, ratios and
# bars out.  Exits 1 if a bar is missed.  only=PART: what was not
# measured is left out.
{
	k = $1 " " $2
	v[k, ++n[k]] = $3
}
function median(k,    i, j, t, a, c) {
	c = n[k]
	if (!c)
		return ""
	for (i = 1; i <= c; i++)
		a[i] = v[k, i]
	for (i = 2; i <= c; i++) {
		t = a[i] + 0
		for (j = i - 1; j > 0 && a[j] + 0 > t; j--)
			a[j + 1] = a[j]
		a[j + 1] = t
	}
	return c % 2 ? a[(c + 1) / 2] : (a[c / 2] + a[c / 2 + 1]) / 2
}
function cell(x) { return x == "" ? "-" : sprintf("%.*f", x < 100 ? 2 : 0, x) }
function ratio(x, y) { return x == "" || !y ? "-" : sprintf("%.2f", x / y) }
# bar: "<= 0.40 openssh" or nothing; the ratio it speaks of is judged.  Beside
# it stands floor.c's, if it was measured.
function row(what, metric, bar,    o, s, d, f, b, r, said) {
	o = median("ours " metric)
	s = median("openssh " metric)
	d = median("dropbear " metric)
	f = median("floor " metric)
	said = ""
	if (only != "" && o == "")
		return
	if (bar != "") {
		split(bar, b, " ")
		r = ratio(o, b[3] == "openssh" ? s : d)
		if (r == "-")
			said = bar ": not measured"
		else if (b[1] == "<=" ? r + 0 <= b[2] + 0 : r + 0 >= b[2] + 0)
			said = bar ": met"
		else
			said = bar ": MISSED"
		missed += said !~ /: met$/
		if (f != "")
			said = said ", floor " ratio(f, s)
	}
	printf "%-34s %9s %9s %9s %9s %9s  %s\n", what, cell(o), cell(s),
	    cell(d), ratio(o, s), ratio(o, d), said
}
function bulk(name, cipher, dir, cpubar, ratebar) {
	row(name " " dir ", MiB/s", cipher "." dir ".mibs", ratebar)
	row(name " " dir ", cpu ms/GiB", cipher "." dir ".cpu", cpubar)
}
END {
	printf "%-34s %9s %9s %9s %9s %9s  %s\n", "", "sshd-conn", "OpenSSH",
	    "Dropbear", "/OpenSSH", "/Dropbear", "bar"
	row("probe: exec to banner, ms", "probe.banner_ms", "<= 1.00 dropbear")
	row("probe: cpu, ms", "probe.cpu_ms", "<= 1.00 dropbear")
	row("session: to banner, ms", "session.banner_ms", "")
	row("session: key exchange done, ms", "session.kex_ms", "")
	row("session: logged in, ms", "session.auth_ms", "")
	row("session: connect to closed, ms", "session.done_ms",
	    "<= 0.20 openssh")
	row("session: cpu, ms", "session.cpu_ms", "<= 0.40 openssh")
	row("with PAM: connect to closed, ms", "pam.done_ms",
	    "<= 0.30 openssh")
	row("with PAM: cpu, ms", "pam.cpu_ms", "<= 0.60 openssh")
	row("memory: PSS a session, KiB", "hold.pss_per_connection_kib",
	    "<= 0.50 openssh")
	row("memory: processes a session", "hold.processes_per_connection", "")
	for (i = split("down up", dir, " "); i > 0; i--) {
		bulk("aes128-gcm", "aes128-gcm@openssh.com", dir[i],
		    "<= 0.40 openssh", ">= 1.20 openssh")
		bulk("chacha20-poly1305", "chacha20-poly1305@openssh.com",
		    dir[i], "<= 0.40 openssh", "")
		bulk("aes128-ctr", "aes128-ctr", dir[i], "", "")
	}
	exit missed > 0
}
