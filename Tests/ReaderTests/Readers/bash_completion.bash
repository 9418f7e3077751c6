# Prints what bash-completion offers after `ssh `, a candidate a line.
source /usr/share/bash-completion/bash_completion
if declare -F _comp_load >/dev/null; then _comp_load ssh; else _completion_loader ssh; fi
completer=$(complete -p ssh | sed -n 's/.* -F \([^ ]*\).*/\1/p')
COMP_WORDS=(ssh "") COMP_CWORD=1 COMP_LINE="ssh " COMP_POINT=4
"$completer" ssh "" ssh
printf '%s\n' "${COMPREPLY[@]}" | sort -u
