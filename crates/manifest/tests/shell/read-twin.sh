decode() { # prints what a text stands for
    text=$1
    while :; do
        case $text in *%*) ;; *) break ;; esac
        printf '%s' "${text%%\%*}"
        text=${text#*%}
        printf "\\$(printf %03o "0x${text%"${text#??}"}")"
        text=${text#??}
    done
    printf '%s' "$text"
}

tab=$(printf '\t')
while IFS=$tab read -r id version architecture file blob size sha256 type nested_type nested_file to success reboot requires args; do
    case $id in '#'* | id) continue ;; esac
    printf 'id=%s\nfile=%s\nblob=%s\n' "$id" "$(decode "$file")" "$(decode "$blob")"
    [ "$to" = - ] && to=
    printf 'to=%s\n' "$(decode "$to")"
    [ "$args" = - ] && args=
    for arg in $args; do
        printf 'arg=%s\n' "$(decode "$arg")"
    done
done
