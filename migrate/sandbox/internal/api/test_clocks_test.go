package api

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestClockLimitsAreStripes keeps LIMITS.md, which names them, and the code in step.
func TestClockLimitsAreStripes(t *testing.T) {
	require.Equal(t, []int{2, 3}, []int{clockIntervals, clockCustomers})
	require.Equal(t, 500, mostPerCustomer)
}
