# data/penguins.csv -> work/train.csv and work/test.csv: a fifth of each species is held out.

features <- c("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
seed <- Sys.getenv("SEED", "3")
set.seed(as.integer(seed))

all <- read.csv("data/penguins.csv", colClasses = "character")
penguins <- cbind(id = seq_len(nrow(all)), all)
measured <- penguins[rowSums(penguins[features] == "") == 0, ]

# Sampled by position: sample() of a single number would mean something else.
hold_out <- function(rows) rows[sample.int(length(rows), round(length(rows) / 5))]
held <- unlist(lapply(split(seq_len(nrow(measured)), measured$species), hold_out))
test <- measured[held, ]
train <- measured[-held, ]
train <- train[sample.int(nrow(train)), ]

dir.create("work", showWarnings = FALSE)
write.csv(train, "work/train.csv", row.names = FALSE, quote = FALSE)
write.csv(test, "work/test.csv", row.names = FALSE, quote = FALSE)
cat(nrow(all), "penguins,", nrow(all) - nrow(measured), "without measurements left out\n")
cat(nrow(train), "to learn from,", nrow(test), "held out (seed", paste0(seed, ")\n"))
