package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"
)

// readConfig takes from a YAML file what the command line does not say: each key is the name of a flag, and kinds are
// the arguments. It returns the kinds. A key of Stripe does not belong there, and is refused without being shown.
func readConfig(path string, cmd *cobra.Command) (kinds []string, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	var settings map[string]yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(text)).Decode(&settings); err != nil && !errors.Is(err, io.EOF) {
		return nil, &usageError{fmt.Sprintf("%s is no YAML with a setting in each line (split: 6month): %v", path, err)}
	}
	if bytes.Contains(text, []byte("k_live_")) || bytes.Contains(text, []byte("k_test_")) {
		return nil, &refusal{"key_in_config", path + " holds what looks like a key of Stripe: keys come from " + sourceKeyVariable + " or the file that " +
			sourceKeyFileVariable + " names. Take it out, and consider rolling it"}
	}
	var names []string
	for name := range settings {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		node := settings[name]
		place := fmt.Sprintf("%s:%d", path, node.Line)
		values := []string{node.Value}
		if node.Kind == yaml.SequenceNode {
			values = nil
			for _, one := range node.Content {
				values = append(values, one.Value)
			}
		} else if node.Kind != yaml.ScalarNode {
			return nil, &usageError{place + ": " + name + ": expected a value or a list of values"}
		}
		flag := cmd.Flags().Lookup(name)
		switch {
		case name == "kinds":
			kinds = values
		case flag == nil || name == "config" || name == "help":
			return nil, &usageError{fmt.Sprintf("%s: there is no setting %q: expected kinds, or the name of a flag: %s", place, name, settingNames(cmd))}
		case flag.Changed: // the command line counts
		default:
			for _, v := range values {
				if err := cmd.Flags().Set(name, v); err != nil {
					return nil, &usageError{fmt.Sprintf("%s: %s: %s: %v", place, name, v, errors.Unwrap(err))}
				}
			}
		}
	}
	return kinds, nil
}

func settingNames(cmd *cobra.Command) string {
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Name != "config" && f.Name != "help" {
			names = append(names, f.Name)
		}
	})
	return strings.Join(names, ", ")
}
