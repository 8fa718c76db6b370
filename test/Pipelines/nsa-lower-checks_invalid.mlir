// RUN: nsa-opt %s --nsa-lower-checks=host-only --split-input-file --verify-diagnostics

// expected-error@+1 {{nsa-lower-checks: the name nsaCheckFailed is reserved for reports of checks; rename it}}
func.func @nsaCheckFailed() {
  return
}
func.func @reserved(%holds: i1) {
  cf.assert %holds, "it does not hold"
  return
}

// -----

func.func @kernel(%holds: i1, %n: index) {
  scf.forall (%i) in (%n) {
    // expected-error@+2 {{nsa-lower-checks: a check inside of 'scf.forall', which becomes a kernel, cannot be reported; compile for the CPU, or without checks}}
    // expected-note@+1 {{the check is: it does not hold}}
    cf.assert %holds, "it does not hold"
  }
  return
}
