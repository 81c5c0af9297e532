package function

import "github.com/auditlake/auditlake/planner/types"

// spreadFrames computes variances and their like.
func spreadFrames(fn *types.Resolved, value func(*spread) (float64, bool, error)) *FrameFunction {
	return growingFrames(fn, addSpread[int64], addSpread[float64], value)
}

// momentFrames computes skewness and kurtosis.
func momentFrames(fn *types.Resolved, value func(*moments) (float64, bool, error)) *FrameFunction {
	return growingFrames(fn, addMoment[int64], addMoment[float64], value)
}

// growingFrames is for states that no number may leave, as what is left would have
// other last digits: each takes the frame's numbers in their order.
func growingFrames[S any](
	fn *types.Resolved, addWhole func(*S, int64) error, addFraction func(*S, float64) error, value func(*S) (float64, bool, error),
) *FrameFunction {
	if fn.Args[0].Kind == types.BigInt {
		return growingFramesOf(fn, addWhole, value)
	}
	return growingFramesOf(fn, addFraction, value)
}

func growingFramesOf[T int64 | float64, S any](fn *types.Resolved, add func(*S, T) error, value func(*S) (float64, bool, error)) *FrameFunction {
	return sliding[T, S, float64]{
		enter:    func(s *S, v T) { _ = add(s, v) }, // never fails
		mayLeave: func(*S) bool { return false },
		inOrder:  true,
		value:    value,
	}.frames(fn)
}
