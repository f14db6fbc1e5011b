"use client";
import { useChat } from "@ai-sdk/react";
import { useState } from "react";

export default function Page() {
  const [text, setText] = useState("");
  const { messages, sendMessage, status, stop } = useChat();
  return (
    <main>
      {messages.map(({ id, role, parts }) => (
        <p key={id}>
          <b>{role}: </b>
          {parts.map((part, index) => (part.type === "text" ? <span key={index}>{part.text}</span> : null))}
        </p>
      ))}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void sendMessage({ text });
          setText("");
        }}
      >
        <input value={text} onChange={(event) => setText(event.target.value)} />
        {status === "ready" ? <button>Ask</button> : <button onClick={() => void stop()}>Stop</button>}
      </form>
    </main>
  );
}
