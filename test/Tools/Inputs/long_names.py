"""Prints a function of two arguments whose long names end differently."""

x, y = "x" * 250, "x" * 251
print(f"""func.func @f(%{x}: tensor<4xf32>, %{y}: tensor<4xf32>) -> tensor<4xf32> {{
  %sum = arith.addf %{x}, %{y} : tensor<4xf32>
  return %sum : tensor<4xf32>
}}""")
