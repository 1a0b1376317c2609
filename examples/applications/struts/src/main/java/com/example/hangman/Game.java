package com.example.hangman;

import java.io.Serializable;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What has been guessed. The session has it once, and is never told that it has changed. */
public class Game implements Serializable {
    private static final long serialVersionUID = 1L;

    private final String word = "failover";
    private final TreeSet<String> guesses = new TreeSet<>();

    /** Whether the word has this letter. */
    public boolean guess(String letter) {
        guesses.add(letter);
        return word.contains(letter);
    }

    /** The word as far as it is known. */
    public String known() {
        return word.chars()
                .mapToObj(Character::toString)
                .map(letter -> guesses.contains(letter) ? letter : "_")
                .collect(Collectors.joining());
    }

    /** The letters that the word does not have. */
    public String wrong() {
        return guesses.stream().filter(letter -> !word.contains(letter)).collect(Collectors.joining());
    }
}
