// Package harness is what the benchmarks share: files to migrate, a sandbox as a process of its own, medians.
package harness

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Key is a test key, of which a sandbox accepts any.
const Key = "sk_test_benchmark"

// Customer returns the ID of the n-th customer, as long as Stripe's are.
func Customer(n int) string { return fmt.Sprintf("cus_Bench%09d", n) }

// WriteFile writes a file of the basic template with one row for each customer from first on.
func WriteFile(path string, first, rows int, start time.Time) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	fmt.Fprintln(w, "customer,start_date,price,quantity,metadata.third_party_sub_id,metadata.source,automatic_tax,"+
		"collection_method,proration_behavior")
	for n := range rows {
		fmt.Fprintf(w, "%s,%d,price_bench,1,zuora-A-S%08d,external:zuora,false,charge_automatically,none\n",
			Customer(first+n), start.Unix()+int64(n*7919%(30*86400)), first+n) // over a month, in no order
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}

// WriteAccount writes an account for --sandbox-data that has what WriteFile's rows name.
func WriteAccount(path string, customers int) error {
	type object map[string]any
	list := make([]object, customers)
	for n := range list {
		list[n] = object{
			"id": Customer(n), "email": "jo@example.com", "address": object{"country": "DE", "postal_code": "10115"},
			"invoice_settings": object{"default_payment_method": "pm_card_visa"},
		}
	}
	text, err := json.Marshal(object{
		"customers": list,
		"products":  []object{{"id": "prod_bench", "name": "Bench"}},
		"prices": []object{{
			"id": "price_bench", "product": "prod_bench", "currency": "usd", "unit_amount": 1999,
			"recurring": object{"interval": "month"},
		}},
	})
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}

// Build builds the program into dir and returns its path.
func Build(ctx context.Context, dir string) (string, error) {
	program := filepath.Join(dir, "subferry-migrate")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/migrate").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w (run it from the repository's root): %s", err, out)
	}
	return program, nil
}

// Serve starts "migrate sandbox serve" with an account and returns its address. Stop ends it, and waits for that.
func Serve(ctx context.Context, program, dir, account string, args ...string) (url string, stop func() error, err error) {
	args = append([]string{"sandbox", "serve", "--addr", "127.0.0.1:0", "--state", dir, "--sandbox-data", account}, args...)
	cmd := exec.CommandContext(ctx, program, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() error {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			return err
		}
		return cmd.Wait()
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return "", nil, fmt.Errorf("the sandbox did not say its address: %w", err)
	}
	return strings.TrimSpace(line), stop, nil
}

// Median returns the middle of an odd number of values.
func Median[T int | int64 | float64 | time.Duration](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// Machine describes what the figures were measured on, and how busy it was with other things.
func Machine(w io.Writer) {
	load, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		load = []byte("unknown")
	}
	fmt.Fprintf(w, "%s, %s/%s, %d cores, load before %s\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), strings.TrimSpace(string(load)))
}
