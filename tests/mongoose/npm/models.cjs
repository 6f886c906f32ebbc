// The three models of the front-end contract, as a front end defines them.
module.exports = function models(mongoose) {
  const { Schema } = mongoose
  const id = (ref) => ({ type: Schema.Types.ObjectId, ref })

  const User = mongoose.model("User", new Schema({
    name: String,
    email: { type: String, unique: true },
    photo_url: String,
    location: String,
    skills_offered: [String],
    skills_wanted: [String],
    availability: String,
    is_public: { type: Boolean, default: true },
  }))

  const Swap = mongoose.model("Swap", new Schema({
    from_user_id: id("User"),
    to_user_id: id("User"),
    offered_skill: String,
    wanted_skill: String,
    message: String,
    status: { type: String, default: "pending" },
    created_at: { type: Date, default: Date.now },
  }))

  const Message = mongoose.model("Message", new Schema({
    swap_id: id("Swap"),
    from_user_id: id("User"),
    to_user_id: id("User"),
    message: String,
    created_at: { type: Date, default: Date.now },
  }))

  return { User, Swap, Message }
}
