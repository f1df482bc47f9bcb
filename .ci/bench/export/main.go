// Command export measures how fast an account's subscriptions are exported, next to a plain loop that follows one
// cursor, against the same server in the same run, over HTTP:
//
//	go run ./.ci/bench/export
//	go run ./.ci/bench/export -objects 20000 -latency 200ms
//
// The server allows 25 requests a second, which the program is not told of, and shows what it accepted. The loop is
// followed for a part of the list, and its time for the whole is computed from that: it is the number of pages times
// the time of one.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/subferry/subferry/.ci/bench/harness"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/export/exporttest"
)

const path = "/v1/subscriptions"

func main() {
	log.SetFlags(0)
	objects := flag.Int("objects", 100_000, "subscriptions of the account")
	rate := flag.Float64("rate", 25, "requests a second that the server allows")
	only := flag.Duration("latency", 0, "measure with this latency only, instead of 1 s and 100 ms")
	pages := flag.Int("pages", 30, "pages for which the plain loop is followed")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	latencies := []time.Duration{time.Second, 100 * time.Millisecond}
	if *only > 0 {
		latencies = []time.Duration{*only}
	}
	dir, err := os.MkdirTemp("", "subferry-bench")
	if err == nil {
		var program string
		if program, err = harness.Build(ctx, dir); err == nil {
			harness.Machine(os.Stdout)
			for i, latency := range latencies {
				err = errors.Join(err, measure(ctx, program, filepath.Join(dir, fmt.Sprint(i)), *objects, *pages, *rate, latency))
			}
		}
		err = errors.Join(err, os.RemoveAll(dir))
	}
	if err != nil {
		log.Fatal(err)
	}
}

// measure exports with the program, follows the cursor with a loop, and compares.
func measure(ctx context.Context, program, dir string, objects, pages int, rate float64, latency time.Duration) error {
	lists := &exporttest.Server{Clock: migrate.SystemClock{}, Rate: rate, Burst: rate / 5, Latency: latency, Render: subscription}
	age := 3 * 365 * 24 * time.Hour
	begin := time.Now().Add(-age)
	all := make([]exporttest.Object, objects)
	for i := range all {
		all[i] = exporttest.Object{ID: fmt.Sprintf("sub_1Bench%014d", i), Created: begin.Add(age / time.Duration(objects+1) * time.Duration(i)).Unix()}
	}
	lists.Put(path, all...)
	lists.Put("/v1", exporttest.Object{ID: "account", JSON: fmt.Sprintf(`{"id":"acct_bench","object":"account","created":%d}`, begin.Unix())})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: lists}
	go func() { _ = server.Serve(listener) }() // ends when it is closed
	defer server.Close()
	address := "http://" + listener.Addr().String()

	fmt.Printf("\n%d subscriptions, %v latency, limit %.0f/s, unknown to the program\n", objects, latency, rate)
	cmd := exec.CommandContext(ctx, program, "export", "subscriptions", "--api-base", address, "--out", dir)
	cmd.Env = append(os.Environ(), "STRIPE_SOURCE_API_KEY="+strings.Replace(harness.Key, "sk_", "rk_", 1))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	memory := watch(cmd.Process.Pid)
	err = cmd.Wait()
	took, peak := time.Since(began), memory()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out.String())
	}
	requests, refused := lists.Requests()
	accepted := lists.Accepted()
	from, to := began.Add(took*2/10), began.Add(took*9/10)
	middle := 0
	for _, at := range accepted {
		if at.After(from) && at.Before(to) {
			middle++
		}
	}
	perSecond := float64(middle) / to.Sub(from).Seconds()
	fmt.Printf("  migrate export   %.1f s, %d requests (%d of them refused), %.1f accepted a second over all, %.1f (%.0f %% of the limit) from 20 to 90 %% of the time\n",
		took.Seconds(), requests, refused, float64(len(accepted))/took.Seconds(), perSecond, 100*perSecond/rate)
	fmt.Printf("  peak memory      %d MB\n", peak>>10)
	one, sum, err := cursor(ctx, address, pages)
	if err != nil {
		return err
	}
	whole := time.Duration(float64(one) * float64((objects+99)/100))
	fmt.Printf("  one cursor       %.1f s (%d pages followed, %v each)\n", whole.Seconds(), pages, one.Round(time.Millisecond))
	fmt.Printf("  times as fast    %.1f\n", whole.Seconds()/took.Seconds())
	return compare(dir, lists.IDs(path), pages*100, sum)
}

// watch looks at the memory of a process while it works. The returned function tells the most that it had, in KiB; 0
// where there is no /proc. The system's own figure of a child begins with what its parent had.
func watch(pid int) (most func() int64) {
	done, result := make(chan struct{}), make(chan int64)
	go func() {
		ticker, peak := time.NewTicker(50*time.Millisecond), int64(0)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)) // none when it has ended
				if _, rest, ok := strings.Cut(string(text), "VmHWM:"); ok {
					var now int64
					if _, err := fmt.Sscan(rest, &now); err == nil {
						peak = max(peak, now)
					}
				}
			case <-done:
				result <- peak
				return
			}
		}
	}()
	return func() int64 { close(done); return <-result }
}

// cursor follows one cursor for some pages, and returns what one takes and the SHA-256 of their objects, each in a
// line.
func cursor(ctx context.Context, address string, pages int) (each time.Duration, sum string, err error) {
	hash, after, began := sha256.New(), "", time.Now()
	for range pages {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, address+path+"?status=all&limit=100"+after, nil)
		if err != nil {
			return 0, "", err
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return 0, "", err
		}
		var list struct{ Data []json.RawMessage }
		err = errors.Join(json.NewDecoder(answer.Body).Decode(&list), answer.Body.Close())
		if err != nil {
			return 0, "", err
		}
		for _, one := range list.Data {
			var o struct{ ID string }
			if err := json.Unmarshal(one, &o); err != nil {
				return 0, "", err
			}
			after = "&starting_after=" + o.ID
			hash.Write(append(compact(one), '\n'))
		}
	}
	return time.Since(began) / time.Duration(pages), hex.EncodeToString(hash.Sum(nil)), nil
}

// compare makes sure that the export is the list: every ID in its order, and the objects of the pages that the cursor
// has read.
func compare(dir string, ids []string, first int, sum string) error {
	text, err := os.ReadFile(filepath.Join(dir, "subscriptions.ndjson"))
	if err != nil {
		return err
	}
	hash, n := sha256.New(), 0
	for line := range strings.Lines(string(text)) {
		var o struct{ ID string }
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			return err
		}
		if n >= len(ids) || o.ID != ids[n] {
			return fmt.Errorf("object %d is %s, which is not what the list has there", n, o.ID)
		}
		if n++; n <= first {
			hash.Write([]byte(line))
		}
	}
	if n != len(ids) || hex.EncodeToString(hash.Sum(nil)) != sum {
		return fmt.Errorf("%d objects of %d, or not as one cursor brings them", n, len(ids))
	}
	fmt.Printf("  the same         all %d objects in the order of the list, and byte for byte as far as the cursor was followed (%d MB)\n", n, len(text)>>20)
	return nil
}
