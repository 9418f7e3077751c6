// Prints what kevinburke/ssh_config makes of the user's configuration for each host.
package main

import (
	"fmt"
	"os"

	"github.com/kevinburke/ssh_config"
)

func main() {
	for _, host := range os.Args[1:] {
		fmt.Print(host)
		for _, key := range []string{"HostName", "User", "Port", "IdentityFile"} {
			value, err := ssh_config.GetStrict(host, key)
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			fmt.Print(" ", key, "=", value)
		}
		fmt.Println()
	}
}
