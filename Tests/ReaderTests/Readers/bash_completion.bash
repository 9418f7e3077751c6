# Prints what bash-completion offers after `ssh `, a candidate a line.
source /usr/share/bash-completion/bash_completion
_completion_loader ssh
COMP_WORDS=(ssh "") COMP_CWORD=1 COMP_LINE="ssh " COMP_POINT=4
_ssh ssh "" ssh
printf '%s\n' "${COMPREPLY[@]}" | sort -u
